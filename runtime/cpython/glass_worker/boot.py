# python -c runs this: it finds the channel, receives the worker's source over it, and runs that.
import sys
# Before any other import: '' is the working directory, where a learner may have a socket.py.
sys.path[:] = [entry for entry in sys.path if entry]
import _socket, marshal, os
if 'GLASS_CHANNEL' in os.environ:
    port, token = os.environ.pop('GLASS_CHANNEL').split(':')
    channel, lifeline = _socket.socket(), _socket.socket()
    for line, name in (channel, b'c'), (lifeline, b'l'):
        line.connect(('127.0.0.1', int(port)))
        line.sendall(name + token.encode())
else:
    channel, lifeline = _socket.socket(fileno=3), _socket.socket(fileno=4)
    os.set_inheritable(3, False)
    os.set_inheritable(4, False)
def read(size):
    data = b''
    while len(data) < size:
        more = channel.recv(size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data
sources, settings = marshal.loads(read(int.from_bytes(read(4), 'little')))
unpack(sources, settings)
sys.modules['glass_worker.serve'].main(channel, lifeline, settings)
