"""Middleware, routing: the first part of the path chooses an application, and moves from PATH_INFO to SCRIPT_NAME.

The chosen application finds its own place in SCRIPT_NAME and the rest of the path in PATH_INFO; it works unchanged
wherever it is mounted.

Run:  go run . examples/middleware_routing.py
Try:  curl http://127.0.0.1:8888/blog/2024/x
      curl http://127.0.0.1:8888/blogger
"""


class Mounts:
    """Sends a request to the application which is mounted at the longest matching prefix."""

    def __init__(self, default, mounts):
        self.default = default
        self.mounts = sorted(mounts.items(), key=lambda mount: len(mount[0]), reverse=True)

    def __call__(self, environ, start_response):
        path = environ.get("PATH_INFO", "")
        for prefix, application in self.mounts:
            if path == prefix or path.startswith(prefix + "/"):  # "/blog" is no prefix of "/blogger"
                inner = dict(environ)  # the caller's environ stays as it is
                inner["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
                inner["PATH_INFO"] = path[len(prefix):]
                return application(inner, start_response)
        return self.default(environ, start_response)


def page(name):
    """An application that tells its name and where it is."""
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        place = "{}: SCRIPT_NAME={!r} PATH_INFO={!r}\n".format(
            name, environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""))
        return [place.encode("utf-8")]
    return application


application = Mounts(page("site"), {"/blog": page("blog"), "/blog/admin": page("admin")})
