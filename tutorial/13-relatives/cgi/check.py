"""A web server that speaks CGI, for one request."""

import io
import os

import glass_course


class Input:
    """Standard input that a server keeps open: whoever reads more than the body would wait for ever."""

    def __init__(self, body):
        self.file, self.left = io.BytesIO(body), len(body)

    def read(self, size=-1):
        if size is None or size < 0 or size > self.left:
            raise RuntimeError("standard input was read beyond the body: there is no end to be found")
        self.left -= size
        return self.file.read(size)

    def readline(self, size=-1):
        return self.read(size)


def check(name, random):
    gateway = glass_course.load("gateway.py")
    if name == "head":
        return gateway.head("404 Not Found", [("X-Random", random), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])

    if name == "head-bytes":
        return gateway.head("200 OK", [("X-Title", "\u00e4\u00bd\u00a0" + random)])

    body = random.encode() if name in ("input", "whole") else b""
    variables = {
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST" if body else "GET", "SCRIPT_NAME": "/cgi-bin/gateway.py",
        "PATH_INFO": os.fsdecode("/你".encode()) if name == "native" else "/" + random, "QUERY_STRING": "q=" + random,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)) if body else "",
    }
    if name == "https":
        variables["HTTPS"] = "on"
    if name == "whole":
        return whole(gateway, variables, body)

    environ = gateway.environ_of(variables, Input(body))
    if name == "input":
        return {"body": environ["wsgi.input"].read(), "then": environ["wsgi.input"].read(1)}
    if name == "https":
        other = gateway.environ_of({**variables, "HTTPS": "1"}, Input(body))
        return {"scheme": environ["wsgi.url_scheme"], "with_1": other["wsgi.url_scheme"]}
    if name == "keys":
        wanted = ("wsgi.version", "wsgi.url_scheme", "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once")
        found = {key: environ.get(key) for key in wanted}
        return found | {"errors": hasattr(environ.get("wsgi.errors"), "write"), "type": type(environ).__name__}
    return {"PATH_INFO": environ["PATH_INFO"], "QUERY_STRING": environ["QUERY_STRING"]}


def whole(gateway, variables, body):
    def echo(environ, start_response):
        start_response("201 Created", [("Content-Type", "text/plain")])
        yield b""
        yield environ["wsgi.input"].read()
        yield environ["PATH_INFO"].encode("latin-1")

    stdout = io.BytesIO()
    gateway.run_cgi(echo, variables, Input(body), stdout)
    return stdout.getvalue()
