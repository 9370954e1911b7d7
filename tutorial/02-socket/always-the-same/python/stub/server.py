"""A server that always says the same. Its argument is the port."""

import socket
import sys

PAGE = "<h1>你好</h1>"


def response():
    """All that goes over the wire, as bytes: status-line, field lines, empty line, page."""
    return b""  # write it


def answer(connection):
    """Reads once from the connection, and sends the response."""


def main():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # an address that was used a moment ago cannot be bound again: which option permits it?
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen()
    while True:
        connection, address = listener.accept()
        with connection:  # closes it at the end
            answer(connection)


main()
