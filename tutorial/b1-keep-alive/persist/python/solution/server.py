"""Keeps a connection for the requests that follow. Its argument is the port."""

import sys

import given

IDLE = 3  # seconds for which the next request is waited for
TIMEOUT = 10  # seconds for which the rest of a request is waited for


def stays_open(request):
    """May another request follow on this connection? (RFC 9112 §9.3)"""
    options = [option.strip().lower() for option in request.fields.get("connection", "").split(",")]
    if "close" in options:
        return False
    return request.version != "HTTP/1.0" or "keep-alive" in options


class Connection:
    """A connection, and the bytes that came and are not used up."""

    def __init__(self, socket):
        self.socket, self.buffer = socket, b""

    def serve(self):
        """Exchanges, one after another, until one says that it was the last."""
        while self.exchange():
            pass

    def exchange(self):
        """One request and its response. Returns whether another may follow."""
        if not self.begins():
            return False
        try:
            request = given.parse(self.take_head())
        except given.Refused as error:
            self.socket.sendall(given.response(str(error), b"", keep=False))
            return False
        body = self.take(request.content_length)
        keep = stays_open(request)
        self.socket.sendall(given.response("200 OK", given.page(request, body), keep))
        return keep

    def begins(self):
        """Waits for the first byte of a request. Returns False when none comes, in IDLE seconds or for ever."""
        self.socket.settimeout(IDLE)
        try:
            while not self.buffer:
                self.receive()
        except (ConnectionError, TimeoutError):
            return False
        self.socket.settimeout(TIMEOUT)
        return True

    def take_head(self):
        """The bytes through the empty line."""
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        return self.take(self.buffer.index(b"\r\n\r\n") + 4)

    def take(self, count):
        """So many bytes. What came behind them stays in the buffer."""
        while len(self.buffer) < count:
            self.receive()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def receive(self):
        """Adds what the socket has to the buffer, and waits for at least one byte."""
        piece = self.socket.recv(4096)
        if not piece:
            raise ConnectionError("the client left")
        self.buffer += piece


given.serve(int(sys.argv[1]), lambda socket: Connection(socket).serve())
