"""Makes the bytes of a response. Its argument is the port; given.py has the rest of the server."""

import sys

import given


class Assembler:
    """send_head() comes once, then send_body() for each block, then finish() if the body is whole."""

    def __init__(self, connection, http10, is_head):
        self.connection = connection
        self.http10 = http10  # the request is HTTP/1.0
        self.is_head = is_head  # the method is HEAD
        self.framing = None

    def send_head(self, status, headers, length):
        """The status-line, the application's fields, and those of the server: Date, Connection: close, and what the
        framing needs. The length is None where it is not known. An exception ends the call, and the client gets 500."""
        raise NotImplementedError

    def send_body(self, block):
        """Sends a block at once. It may be empty."""
        raise NotImplementedError

    def finish(self):
        """Comes after the last block."""
        raise NotImplementedError


if __name__ == "__main__":
    given.serve(int(sys.argv[1]), Assembler)
