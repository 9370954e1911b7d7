"""A server that answers each request with its head. Its argument is the port."""

import socket
import sys
import time

LIMIT = 65536  # bytes of a head
PATIENCE = 6  # seconds for a whole head to come
END = b"\r\n\r\n"

TOO_LONG = "431 Request Header Fields Too Large"
TOO_SLOW = "408 Request Timeout"


class Refused(Exception):
    """The request is not accepted. Its text is the status of the response."""


class Receiver:
    """Takes heads from a connection, one after the other."""

    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""  # what has come and belongs to no head yet

    def head(self):
        """The bytes of the next head, through its empty line. None, when the client has closed.

        Raises Refused(TOO_LONG) when a head is longer than LIMIT, and Refused(TOO_SLOW) when it is not there PATIENCE
        seconds after we began to wait for it.
        """
        raise NotImplementedError


def serve(connection):
    """Answers requests, until the client has no more of them or one is refused."""
    receiver = Receiver(connection)
    try:
        while (head := receiver.head()) is not None:
            respond(connection, "200 OK", head)
    except Refused as refused:
        respond(connection, str(refused), b"")
        say_goodbye(connection)


def respond(connection, status, body):
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode("latin-1") + body)


def say_goodbye(connection):
    """Ends our side, and reads on for a second: unread bytes would make the system send a reset, and lose the response."""
    connection.shutdown(socket.SHUT_WR)
    deadline = time.monotonic() + 1
    while (left := deadline - time.monotonic()) > 0:
        connection.settimeout(left)
        if not connection.recv(65536):
            return


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
        connection, address = listener.accept()
        with connection:
            try:
                serve(connection)
            except OSError:
                pass  # the client has left: on with the next


main()
