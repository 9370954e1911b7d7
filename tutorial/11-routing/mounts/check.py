"""Applications below mount points, which say where they believe to be."""

import glass_course

PATHS = {
    "below": "/blog/2024/%s",
    "the-prefix-itself": "/blog",
    "trailing-slash": "/blog/",
    "no-part-of-a-word": "/blogger/%s",
    "longest": "/blog/admin/%s",
    "the-same-word-again": "/blog/blog/%s",
    "default": "/%s",
    "bytes-of-the-path": "/blog/%%E4%%BD%%A0%s",
}


def page(name):
    def application(environ, start_response):
        start_response("200 OK", [])
        return [("%s %s %s" % (name, environ.get("SCRIPT_NAME") or "-", environ.get("PATH_INFO") or "-")).encode("latin-1")]
    return application


class Closing:
    """An iterable that tells what was done with it."""

    def __init__(self, block):
        self.block, self.closed = block, 0

    def __iter__(self):
        yield self.block

    def close(self):
        self.closed += 1


def check(name, random):
    Mounts = glass_course.load("mounts.py").Mounts
    if name == "close":
        closing = Closing(random.encode())

        def application(environ, start_response):
            start_response("200 OK", [])
            return closing

        result = glass_course.call(Mounts(page("site"), {"/blog": application}), glass_course.environ(target="/blog/x"))
        return {"body": result["body"], "error": result["error"], "closed": closing.closed}
    if name == "nested":
        inner = Mounts(page("outer"), {"/" + random: page("inner")})
        return glass_course.call(Mounts(page("site"), {"/shop": inner}), glass_course.environ(target="/shop/%s/x" % random))
    if name == "first-of-all":
        environ = glass_course.environ(target="/blog/" + random)
        del environ["SCRIPT_NAME"]
        return glass_course.call(Mounts(page("site"), {"/blog": page("blog")}), environ)
    app = Mounts(page("site"), {"/blog": page("blog"), "/blog/admin": page("admin"), "/wiki": page("wiki")})
    if name == "nothing-there":
        environ = glass_course.environ()
        del environ["SCRIPT_NAME"], environ["PATH_INFO"]
        return glass_course.call(app, environ)
    target = PATHS.get(name, "/blog/%s")
    return glass_course.call(app, glass_course.environ(target=target % random if "%" in target else target))
