# What a Host runs after unpack.py: this function is a worker, on the thread that calls it.
def work(message, *host):
    import marshal
    import sys
    sources, settings = marshal.loads(message[4:])
    if 'glass_worker' not in sys.modules:
        unpack(sources, settings)
    return sys.modules['glass_worker.inprocess'].work(*host, settings)
