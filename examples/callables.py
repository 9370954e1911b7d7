"""Callables: an application is anything that can be called with environ and start_response and returns an iterable.

Run:  go run . examples/callables.py:function
      go run . examples/callables.py:Application
      go run . examples/callables.py:instance
      go run . examples/callables.py:generator
Try:  curl http://127.0.0.1:8888/
"""

HEADERS = [("Content-Type", "text/plain; charset=utf-8")]


def function(environ, start_response):
    """Calling a function runs it; the list that it returns is the iterable."""
    start_response("200 OK", HEADERS[:])
    return [b"hello from a function\n"]


class Application:
    """Calling a class makes an instance; the instance is the iterable, a new one for each request."""

    def __init__(self, environ, start_response):
        start_response("200 OK", HEADERS[:])

    def __iter__(self):
        yield b"hello from a class\n"


class Greeter:
    """Calling an instance runs __call__; the instance is made once and serves every request."""

    def __init__(self, greeting):
        self.greeting = greeting

    def __call__(self, environ, start_response):
        start_response("200 OK", HEADERS[:])
        return [self.greeting]


instance = Greeter(b"hello from an instance\n")


def generator(environ, start_response):
    """Calling a generator function runs nothing yet: its first line runs when the server asks for the first block."""
    start_response("200 OK", HEADERS[:])
    yield b"hello from "
    yield b"a generator\n"


application = function
