"""The same pages with a thread for each connection, to compare. Its argument is the port."""

import sys
import threading

import given


def serve(socket):
    received, keep = b"", True
    with socket:
        while keep:
            response, used, keep = given.answer(received)
            received = received[used:]
            if used:
                socket.sendall(response)
            elif piece := socket.recv(65536):  # this thread waits here
                received += piece
            else:
                return


listener = given.listen(int(sys.argv[1]))
while True:
    socket, address = listener.accept()
    threading.Thread(target=serve, args=(socket,), daemon=True).start()
