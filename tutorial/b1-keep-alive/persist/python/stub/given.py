"""What chapters 3 to 9 wrote: the parser, the response, the threads."""

import re
import socket
import threading


class Refused(Exception):
    """The client's fault. Its text is the status."""


class Request:
    def __init__(self, method, target, version, fields):
        self.method, self.target, self.version, self.fields = method, target, version, fields  # names in lower case
        length = fields.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,6}", length) or "transfer-encoding" in fields:
            raise Refused("400 Bad Request")
        self.content_length = int(length)


def parse(head):
    """The Request of a head, through its empty line. Fields with the same name are joined with commas."""
    lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    match = re.fullmatch("([A-Z]+) (/[!-~]*) (HTTP/1[.][0-9])", lines[0])
    if not match:
        raise Refused("400 Bad Request")
    fields = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch("[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise Refused("400 Bad Request")
        name, value = name.lower(), value.strip(" \t")
        fields[name] = fields[name] + ", " + value if name in fields else value
    return Request(*match.groups(), fields)


def page(request, body):
    """The application. It does not look at the body."""
    return f"hello {request.target}\n".encode("latin-1")


def response(status, page, keep):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(page)}\r\nConnection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    return head.encode("latin-1") + page


def serve(port, each):
    """Calls each(connection) in a thread for each connection, and closes it afterwards."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    while True:
        connection, address = listener.accept()
        threading.Thread(target=run, args=(each, connection), daemon=True).start()


def run(each, connection):
    with connection:
        try:
            each(connection)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(1)
            while connection.recv(4096):  # a reset would destroy the last response
                pass
        except OSError as error:
            print("the client is gone:", error)
