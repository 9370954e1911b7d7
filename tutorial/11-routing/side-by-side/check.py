"""Sites side by side, asked for by the Host field."""

import glass_course


def site(name):
    def application(environ, start_response):
        start_response("200 OK", [("X-Site", name)])
        yield name.encode()
    return application


def same_iterable(sites, host, environ):
    """Whether the server gets what the application returned, with its close()."""
    class Blocks(list):
        closed = 0

        def close(self):
            Blocks.closed += 1

    def application(environ, start_response):
        start_response("200 OK", [])
        return Blocks([b"a"])

    result = glass_course.call(sites.SideBySide({host: application}), environ)
    return {"error": result["error"], "closed": Blocks.closed}


def check(name, random):
    sites = glass_course.load("sites.py")
    host = random.lower() + ".example"
    app = sites.SideBySide({host: site(random), "[::1]": site("six " + random), "other.example": site("other")})
    environ = glass_course.environ()
    environ["HTTP_HOST"] = {
        "by-name": host, "with-port": host + ":8080", "any-case": host.upper() + ":80", "ipv6": "[::1]:8080",
        "ipv6-no-port": "[::1]", "own-iterable": host, "unknown": "no." + host, "no-host": None,
    }[name]
    if environ["HTTP_HOST"] is None:
        del environ["HTTP_HOST"]
    if name == "own-iterable":
        return same_iterable(sites, host, environ)
    return glass_course.call(app, environ)
