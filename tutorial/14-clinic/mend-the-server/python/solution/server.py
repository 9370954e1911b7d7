"""The server of the clinic, mended. It has kept its shape: receive, parse, environ, call, respond, close.

    python server.py 8888 app:application
"""

import io
import re
import socket
import sys
import traceback
from urllib.parse import unquote_to_bytes

MAX_HEAD = 64 * 1024
MAX_BODY = 10 * 1024 * 1024
TIMEOUT = 3  # seconds for which a silent client is waited for

REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([!-~\x80-\xff]+) (HTTP/1\.[0-9])")
FIELD_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FIELD_VALUE = re.compile(rb"[\t -~\x80-\xff]*")


class Refused(Exception):
    """The client broke a rule: the argument is the status that it gets."""


class WSGIServer:
    def __init__(self, port, application):
        self.application = application
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(16)
        self.server_name, self.server_port = self.listener.getsockname()

    def serve_forever(self):
        while True:
            connection, address = self.listener.accept()
            with connection:
                connection.settimeout(TIMEOUT)
                try:
                    Exchange(self, connection).run()
                except OSError:
                    pass  # the client has left, or says nothing


class Exchange:
    """One request and its response. What belongs to one request is here, and not on the server."""

    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.status, self.headers, self.head_sent = None, [], False
        self.method, self.leftover = "GET", b""

    def run(self):
        try:
            head = self.receive_head()
            if head is None:
                return
            environ = self.get_environ(*self.parse_request(head))
        except Refused as refused:
            self.respond_plainly(str(refused))
            return
        result = None
        try:
            result = self.server.application(environ, self.start_response)
            for block in result:
                self.write(block)
            self.send_head()  # where no block came
        except OSError:
            raise
        except Exception:
            traceback.print_exc()
            if not self.head_sent:
                self.respond_plainly("500 Internal Server Error")
        finally:
            if hasattr(result, "close"):
                result.close()

    def receive_head(self):
        """What comes before the empty line; None if the client leaves. What follows it is kept for the body."""
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.connection.recv(4096)
            if not piece:
                return None
            received += piece
            if received[:1] == b"\x16" or len(received) > MAX_HEAD:
                raise Refused("400 Bad Request")  # a TLS hello, or no end
        head, _, self.leftover = received.partition(b"\r\n\r\n")
        return head

    def parse_request(self, head):
        request_line, *lines = head.split(b"\r\n")
        match = REQUEST_LINE.fullmatch(request_line)
        if not match:
            raise Refused("400 Bad Request")
        fields = []
        for line in lines:
            name, colon, value = line.partition(b":")
            if not colon or not FIELD_NAME.fullmatch(name) or not FIELD_VALUE.fullmatch(value):
                raise Refused("400 Bad Request")
            fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))
        method, target, version = (part.decode("latin-1") for part in match.groups())
        return method, target, version, fields

    def get_environ(self, method, target, version, fields):
        self.method = method
        path, _, query = target.partition("?")
        environ = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": self.server.server_name,
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": version,
        }
        for name, value in fields:
            key = name.upper().replace("-", "_")
            if "_" in name:
                continue  # X_Y would become the same variable as X-Y
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = "HTTP_" + key
            environ[key] = environ[key] + ", " + value if key in environ else value
        environ["wsgi.input"] = io.BytesIO(self.receive_body(environ))
        return environ

    def receive_body(self, environ):
        if "HTTP_TRANSFER_ENCODING" in environ:
            raise Refused("501 Not Implemented")
        length = environ.get("CONTENT_LENGTH", "0")
        if not re.fullmatch("[0-9]{1,15}", length):
            raise Refused("400 Bad Request")
        if int(length) > MAX_BODY:
            raise Refused("413 Content Too Large")
        body = self.leftover[:int(length)]
        while len(body) < int(length):
            piece = self.connection.recv(int(length) - len(body))
            if not piece:
                raise Refused("400 Bad Request")
            body += piece
        return body

    def start_response(self, status, headers, exc_info=None):
        if exc_info:
            try:
                if self.head_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.status is not None:
            raise AssertionError("start_response() was called twice, without exc_info")
        self.status, self.headers = status, list(headers)
        return self.write

    def write(self, block):
        if block:
            self.send_head()
        if block and self.method != "HEAD":
            self.connection.sendall(block)

    def send_head(self):
        if self.status is None:
            raise AssertionError("start_response() was not called before the first block")
        if not self.head_sent:
            self.head_sent = True
            lines = ["HTTP/1.1 " + self.status]
            lines += ["%s: %s" % header for header in self.headers]
            lines += ["Server: WSGIServer 0.3", "Connection: close", "", ""]
            self.connection.sendall("\r\n".join(lines).encode("latin-1"))

    def respond_plainly(self, status):
        self.status, self.headers = status, [("Content-Type", "text/plain"), ("Content-Length", "0")]
        self.send_head()


def main():
    module, name = sys.argv[2].split(":")
    application = getattr(__import__(module), name)
    WSGIServer(int(sys.argv[1]), application).serve_forever()


main()
