"""A server that always says the same. Its argument is the port."""

import socket
import sys

PAGE = "<h1>你好</h1>"


def response():
    """All that goes over the wire, as bytes: status-line, field lines, empty line, page."""
    page = PAGE.encode("utf-8")
    head = (
        "HTTP/1.0 200 OK\r\n"
        "Content-Type: text/html;charset=utf-8\r\n"
        f"Content-Length: {len(page)}\r\n"
        "\r\n"
    )
    return head.encode("latin-1") + page


def answer(connection):
    """Reads once from the connection, and sends the response."""
    connection.recv(1024)
    connection.sendall(response())


def main():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen()
    while True:
        connection, address = listener.accept()
        with connection:  # closes it at the end
            answer(connection)


main()
