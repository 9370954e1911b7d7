"""One page, four times: each callable says "hello " and the PATH_INFO of the request, as text/html."""

HEADERS = [("Content-Type", "text/html")]


def page(environ):
    return b"hello " + environ["PATH_INFO"].encode("latin-1")


def function_app(environ, start_response):
    start_response("200 OK", HEADERS)
    return [page(environ)]


class ClassApp:
    """The server calls the class: that makes an instance, and the instance is the iterable."""

    def __init__(self, environ, start_response):
        start_response("200 OK", HEADERS)
        self.body = page(environ)

    def __iter__(self):
        yield self.body


class Page:
    """The server calls an instance: the class needs __call__."""

    def __call__(self, environ, start_response):
        start_response("200 OK", HEADERS)
        return [page(environ)]


instance_app = Page()  # an instance of Page


def generator_app(environ, start_response):
    start_response("200 OK", HEADERS)
    yield page(environ)
