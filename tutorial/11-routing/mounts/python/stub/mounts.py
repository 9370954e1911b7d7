"""Middleware that routes: the beginning of the path chooses an application."""


class Mounts:
    """Mounts(default, {"/blog": blog, ...}): the longest prefix that fits wins; where none does, it is default's turn."""

    def __init__(self, default, mounts):
        self.default = default
        self.mounts = mounts

    def __call__(self, environ, start_response):
        raise NotImplementedError


def page(name):
    """An application that says its name, and where it is."""

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        place = "%s: SCRIPT_NAME=%r PATH_INFO=%r\n" % (name, environ["SCRIPT_NAME"], environ["PATH_INFO"])
        return [place.encode("ascii", "backslashreplace")]

    return application


application = Mounts(page("site"), {"/blog": page("blog"), "/blog/admin": page("admin")})
