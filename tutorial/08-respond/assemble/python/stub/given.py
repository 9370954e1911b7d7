"""All of the server but the bytes of the response, which are in server.py."""

import io
import re
import socket
import traceback
from urllib.parse import unquote_to_bytes

from pages import pages

TIMEOUT = 10  # seconds for which a silent client is waited for
MAX_HEAD = 64 * 1024
REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (/[!-~\x80-\xff]*) (HTTP/1\.[0-9])")
FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*?)[ \t]*")


def serve(port, make_assembler):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    while True:
        connection, address = listener.accept()
        with connection:
            connection.settimeout(TIMEOUT)
            try:
                exchange(connection, make_assembler)
            except Exception:
                traceback.print_exc()


def exchange(connection, make_assembler):
    """One request and its response: receive, parse, environ, call, respond."""
    head, rest = receive_head(connection)
    environ = parse(head, rest, connection)
    if environ is None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    out = make_assembler(connection, environ["SERVER_PROTOCOL"] == "HTTP/1.0", environ["REQUEST_METHOD"] == "HEAD")
    response = Response(out)
    try:
        response.run(pages, environ)
    except Exception:
        traceback.print_exc()
        if not response.head_sent:
            connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    environ["wsgi.input"].read()  # a close with unread bytes would eat the response


def receive_head(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(4096)
        if not piece or len(received) > MAX_HEAD:
            raise ConnectionError("the client left, or its head has no end")
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def parse(head, rest, connection):
    """The environ, or None for a request that is refused."""
    request_line, *lines = head.split(b"\r\n")
    match = REQUEST_LINE.fullmatch(request_line)
    if not match:
        return None
    method, target, version = (part.decode("latin-1") for part in match.groups())
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "QUERY_STRING": query, "SERVER_PROTOCOL": version,
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
    }
    for line in lines:
        match = FIELD_LINE.fullmatch(line)
        if not match:
            return None
        name, value = (part.decode("latin-1") for part in match.groups())
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    length = environ.get("HTTP_CONTENT_LENGTH", "0")
    if not re.fullmatch("[0-9]{1,15}", length):
        return None
    environ["wsgi.input"] = Input(rest, connection, int(length))
    return environ


class Input:
    """wsgi.input: reads from the socket when the application reads, and ends with the body."""

    def __init__(self, rest, connection, length):
        self.rest, self.connection, self.left = io.BytesIO(rest), connection, length

    def read(self):
        body = b""
        while self.left:
            piece = self.rest.read(self.left) or self.connection.recv(min(self.left, 4096))
            if not piece:
                raise ConnectionError("the client left in the middle of its body")
            self.left -= len(piece)
            body += piece
        return body


class Response:
    """The rules of start_response, as in chapter 7. After the head, whatever comes is passed on, empty blocks too."""

    def __init__(self, out):
        self.out, self.status, self.headers, self.head_sent, self.length = out, None, None, False, None

    def start_response(self, status, headers, exc_info=None):
        if exc_info and self.head_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        if not exc_info and self.status is not None:
            raise AssertionError("start_response was called twice, without exc_info")
        self.status, self.headers = status, list(headers)
        return self.write

    def write(self, block):
        if self.status is None:
            raise AssertionError("start_response was not called before the first block")
        if block:
            self.send_head()
        if self.head_sent:
            self.out.send_body(block)

    def send_head(self):
        if not self.head_sent:
            self.out.send_head(self.status, self.headers, self.length)
            self.head_sent = True

    def run(self, application, environ):
        iterable = application(environ, self.start_response)
        if isinstance(iterable, list) and len(iterable) < 2:
            self.length = sum(len(block) for block in iterable)
        try:
            for block in iterable:
                self.write(block)
            if self.status is None:
                raise AssertionError("start_response was never called")
            self.send_head()
            self.out.finish()
        finally:
            if hasattr(iterable, "close"):
                iterable.close()
