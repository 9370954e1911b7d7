"""Serves one connection after the other, and should serve all at once, with one thread. Its argument is the port."""

import sys

import given

IDLE = 3  # seconds of silence after which a connection ends
TURN = 0.5  # seconds that a turn waits at most


class Connection:
    """A socket, the bytes that came and are not used up, and those that it has not taken yet."""

    def __init__(self, socket):
        self.socket, self.received, self.unsent, self.ends = socket, b"", b"", False


class Loop:
    """All the connections, and the one thread that serves them. Nothing in here may wait for one of them."""

    def __init__(self, listener):
        self.listener = listener

    def run(self):
        while True:
            socket, address = self.listener.accept()
            self.serve(Connection(socket))

    def serve(self, connection):
        """Serves a connection to its end, while all the others wait."""
        while not connection.ends:
            self.receive(connection)
        connection.socket.close()

    def receive(self, connection):
        """Takes what has come, and answers the first request, if it is complete."""
        piece = connection.socket.recv(65536)
        connection.received += piece
        response, used, keep = given.answer(connection.received)
        connection.received = connection.received[used:]
        connection.socket.sendall(response)
        connection.ends = not keep or not piece


Loop(given.listen(int(sys.argv[1]))).run()
