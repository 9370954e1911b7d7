"""One page, four times: each callable says "hello " and the PATH_INFO of the request, as text/html."""

HEADERS = [("Content-Type", "text/html")]


def function_app(environ, start_response):
    raise NotImplementedError  # call start_response, then return a list with one block


class ClassApp:
    """The server calls the class: that makes an instance, and the instance is the iterable."""

    def __init__(self, environ, start_response):
        raise NotImplementedError

    def __iter__(self):
        raise NotImplementedError


class Page:
    """The server calls an instance: the class needs __call__."""

    def __call__(self, environ, start_response):
        raise NotImplementedError


instance_app = None  # an instance of Page


def generator_app(environ, start_response):
    raise NotImplementedError  # call start_response, then yield the block
