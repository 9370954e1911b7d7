"""Middleware that routes: the beginning of the path chooses an application."""


class Mounts:
    """Mounts(default, {"/blog": blog, ...}): the longest prefix that fits wins; where none does, it is default's turn."""

    def __init__(self, default, mounts):
        self.default = default
        self.mounts = sorted(mounts.items(), key=lambda mount: len(mount[0]), reverse=True)

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        for prefix, application in self.mounts:
            if path == prefix or path.startswith(prefix + "/"):
                inner = dict(environ)
                inner["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                inner["PATH_INFO"] = path[len(prefix):]
                return application(inner, start_response)
        return self.default(environ, start_response)


def page(name):
    """An application that says its name, and where it is."""

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        place = "%s: SCRIPT_NAME=%r PATH_INFO=%r\n" % (name, environ["SCRIPT_NAME"], environ["PATH_INFO"])
        return [place.encode("ascii", "backslashreplace")]

    return application


application = Mounts(page("site"), {"/blog": page("blog"), "/blog/admin": page("admin")})
