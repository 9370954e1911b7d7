"""Middleware that lets several applications run side by side in one process, each under the name of its host."""


class SideBySide:
    """SideBySide({"shop.localhost": shop, ...}): the Host field chooses, whatever its case and its port."""

    def __init__(self, sites):
        self.sites = sites

    def __call__(self, environ, start_response):
        raise NotImplementedError


def host_of(environ):
    """The host that was asked for, in lower case and without its port: shop.localhost, 127.0.0.1, [::1]."""
    raise NotImplementedError


def unknown(environ, start_response):
    """The answer for an unknown host."""
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"no such site\n"]


def shop(environ, start_response):
    """A function, as Bottle or a small program of your own would give."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"the shop\n"]


class Wiki:
    """A class, as another framework would give."""

    def __init__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])

    def __iter__(self):
        yield b"the wiki\n"


application = SideBySide({"shop.localhost": shop, "wiki.localhost": Wiki})
