"""Middleware that lets several applications run side by side in one process, each under the name of its host."""


class SideBySide:
    """SideBySide({"shop.localhost": shop, ...}): the Host field chooses, whatever its case and its port."""

    def __init__(self, sites):
        self.sites = sites

    def __call__(self, environ, start_response):
        application = self.sites.get(host_of(environ), unknown)
        return application(environ, start_response)


def host_of(environ):
    """The host that was asked for, in lower case and without its port: shop.localhost, 127.0.0.1, [::1]."""
    host, colon, port = environ.get("HTTP_HOST", "").rpartition(":")
    if not colon or not port.isdigit():  # no port: what rpartition cut off belongs to the name
        host += colon + port
    return host.lower()


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
