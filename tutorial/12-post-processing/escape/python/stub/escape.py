"""Middleware that changes the response: a text becomes a page that shows the text, with its < and & escaped."""


def escaped(block):
    return block.replace(b"&", b"&amp;").replace(b"<", b"&lt;")


class Escape:
    """Around an application: text/plain becomes text/html. Everything else goes through as it is."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        raise NotImplementedError


def formula(environ, start_response):
    """An application that says a formula."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"a < b"]


application = Escape(formula)
