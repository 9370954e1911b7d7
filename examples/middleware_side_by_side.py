"""Middleware, side by side: two applications in one process, each under its host name, know nothing of each other.

Each could be of a different framework: to the middleware both are callables.

Run:  go run . examples/middleware_side_by_side.py
Try:  curl -H "Host: shop.localhost" http://127.0.0.1:8888/
      curl -H "Host: wiki.localhost" http://127.0.0.1:8888/
"""

import os


class SideBySide:
    """Chooses the application by the Host field, without its port."""

    def __init__(self, applications):
        self.applications = applications

    def __call__(self, environ, start_response):
        host = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        application = self.applications.get(host, not_found)
        return application(environ, start_response)


def shop(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"the shop, in process %d\n" % os.getpid()]


class Wiki:
    def __init__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])

    def __iter__(self):
        yield b"the wiki, in process %d\n" % os.getpid()


def not_found(environ, start_response):
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"No site has this name. Try shop.localhost or wiki.localhost.\n"]


application = SideBySide({"shop.localhost": shop, "wiki.localhost": Wiki})
