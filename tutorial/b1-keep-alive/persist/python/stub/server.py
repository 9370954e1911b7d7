"""Ends the connection after one response, and should keep it. Its argument is the port."""

import sys

import given

IDLE = 3  # seconds for which the next request is waited for
TIMEOUT = 10  # seconds for which the rest of a request is waited for


def stays_open(request):
    """May another request follow on this connection? (RFC 9112 §9.3)"""
    return False


class Connection:
    """A connection, and the bytes that came and are not used up."""

    def __init__(self, socket):
        self.socket, self.buffer = socket, b""

    def serve(self):
        """Exchanges, one after another, until one says that it was the last."""
        self.exchange()

    def exchange(self):
        """One request and its response. Returns whether another may follow."""
        self.socket.settimeout(TIMEOUT)
        try:
            request = given.parse(self.take_head())
        except given.Refused as error:
            self.socket.sendall(given.response(str(error), b"", keep=False))
            return False
        keep = stays_open(request)
        self.socket.sendall(given.response("200 OK", given.page(request, b""), keep))
        return keep

    def take_head(self):
        """The bytes through the empty line."""
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        head, empty_line, rest = self.buffer.partition(b"\r\n\r\n")  # the rest is lost
        self.buffer = b""
        return head + empty_line

    def receive(self):
        """Adds what the socket has to the buffer, and waits for at least one byte."""
        piece = self.socket.recv(4096)
        if not piece:
            raise ConnectionError("the client left")
        self.buffer += piece


given.serve(int(sys.argv[1]), lambda socket: Connection(socket).serve())
