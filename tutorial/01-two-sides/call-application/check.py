"""Applications that call_application must cope with, each in its own way."""

import sys

import glass_course


class Closing:
    """An iterable that tells whether it was closed."""

    def __init__(self, blocks):
        self.blocks, self.closed = blocks, 0

    def __iter__(self):
        return iter(self.blocks)

    def close(self):
        self.closed += 1


def fails(headers):
    """An application that begins with 200, and turns to an error page."""
    def app(environ, start_response):
        start_response("200 OK", [])
        try:
            raise KeyError("x")
        except KeyError:
            start_response("500 Oops", headers, sys.exc_info())
        return [b"sorry"]
    return app


def broken():
    yield b"one"
    raise RuntimeError("the application broke")


def check(name, random):
    caller = glass_course.load("caller.py")
    block = random.encode()
    headers = [("X-Random", random)]

    def returns(iterable):
        def app(environ, start_response):
            start_response("200 OK", headers)
            return iterable
        return app

    def generator(environ, start_response):
        start_response("404 Not Found", headers)
        yield b"no "
        yield environ["PATH_INFO"].encode("latin-1")

    if name == "list":
        return caller.call_application(returns([b"a ", block]), glass_course.environ())
    if name == "generator":
        return caller.call_application(generator, glass_course.environ(target="/" + random))
    if name == "write":
        def writes(environ, start_response):
            start_response("200 OK", headers)(b"written ")
            return [block]
        return caller.call_application(writes, glass_course.environ())
    if name == "replaced":
        return caller.call_application(fails(headers), glass_course.environ())
    closing = Closing([b"a"] if name == "closes" else broken())
    try:
        caller.call_application(returns(closing), glass_course.environ())
    except RuntimeError as error:
        return {"closed": closing.closed, "raised": str(error)}
    return {"closed": closing.closed}
