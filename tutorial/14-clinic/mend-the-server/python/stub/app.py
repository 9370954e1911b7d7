"""The application that the clinic serves: a page for each thing that a server must be able to do. It is right as it is."""

import json
import sys

closed = 0
raised = "nothing"


def application(environ, start_response):
    page = PAGES.get(environ["PATH_INFO"].partition("?")[0], describe)
    return page(environ, start_response)


def text(start_response, body):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def describe(environ, start_response):
    """The variables of the environ that are str, as JSON, and what reads from wsgi.input."""
    shown = {k: v for k, v in environ.items() if isinstance(v, str)}
    if environ.get("CONTENT_LENGTH"):
        shown["input"] = type(environ["wsgi.input"].read(1)).__name__
    return text(start_response, json.dumps(shown).encode("ascii"))


def echo(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return text(start_response, body if isinstance(body, bytes) else body.encode())


def everything(environ, start_response):
    return text(start_response, environ["wsgi.input"].read())


def binary(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "256"), ("X-Y", "\xff")])
    return [bytes(range(256))]


def raises(environ, start_response):
    raise RuntimeError("the application broke")


def silent(environ, start_response):
    return [b"start_response was never called"]


def generator(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one "
    yield b"two"


def twice(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"twice"]


def excuse(environ, start_response):
    """It breaks before a byte of its body: the head that waits gives way to another."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b""
    try:
        raise RuntimeError("the page broke")
    except RuntimeError:
        start_response("503 Service Unavailable", [("Content-Type", "text/plain")], sys.exc_info())
    yield b"an excuse"


def late(environ, start_response):
    """It breaks in the middle of its body: start_response has to raise, and what it raises is noted."""
    global raised
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"half of it"
    raised = "nothing"
    try:
        raise RuntimeError("the page broke in the middle")
    except RuntimeError:
        try:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")], sys.exc_info())
        except Exception as error:
            raised = type(error).__name__
            raise
    yield b", and an excuse"


def what_was_raised(environ, start_response):
    return text(start_response, raised.encode())


def nothing(environ, start_response):
    start_response("204 No Content", [])
    yield from ()


class Lazy:
    def __init__(self, environ, start_response):
        self.start_response = start_response

    def __iter__(self):
        self.start_response("202 Accepted", [("Content-Type", "text/plain")])
        yield b"late"


def write(environ, start_response):
    writer = start_response("200 OK", [("Content-Type", "text/plain")])
    writer(b"written ")
    return [b"returned"]


class Closing:
    def __init__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])

    def __iter__(self):
        yield b"to be closed"

    def close(self):
        global closed
        closed += 1


def count(environ, start_response):
    return text(start_response, b"closed %d" % closed)


PAGES = {
    "/echo": echo, "/everything": everything, "/binary": binary, "/raise": raises, "/silent": silent,
    "/generator": generator, "/twice": twice, "/excuse": excuse, "/late": late, "/raised": what_was_raised,
    "/nothing": nothing, "/lazy": Lazy, "/write": write, "/closing": Closing, "/closed": count,
}
