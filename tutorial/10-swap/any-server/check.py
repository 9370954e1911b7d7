"""The application in servers that give no more than PEP 3333 asks for, and in two that come with Python."""

import http.client
import io
import sys
import threading
import warnings
from wsgiref import simple_server, validate

import glass_course


class Strict(io.RawIOBase):
    """wsgi.input as a socket is: whoever reads more than the body waits for a client that sends nothing more."""

    def __init__(self, body):
        self.body, self.left = io.BytesIO(body), len(body)

    def read(self, size=-1):
        if size is None or size < 0 or size > self.left:
            raise BlockingIOError("the application waits for more of the body than there is")
        self.left -= size
        return self.body.read(size)


def required_only(environ):
    """What PEP 3333 requires. A variable that would be empty may be missing."""
    keep = ("REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "PATH_INFO", "QUERY_STRING", "CONTENT_LENGTH")
    return {k: v for k, v in environ.items() if (k in keep and v) or k.startswith("wsgi.")}


class Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


def over_wsgiref(application, random):
    server = simple_server.make_server("127.0.0.1", 0, application, handler_class=Quiet)
    threading.Thread(target=server.handle_request, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.request("POST", "/a%20b?q=" + random, b"four")
    response = connection.getresponse()
    return {"status": response.status, "body": response.read()}


def check(name, random):
    application = glass_course.load("app.py").application
    if name == "wsgiref":
        return over_wsgiref(application, random)
    if name == "nothing-extra":
        environ = required_only(glass_course.environ(target="/%s" % random))
        environ["wsgi.input"] = Strict(b"")
        return glass_course.call(application, environ)
    if name == "a-query":
        environ = required_only(glass_course.environ(target="/a%%20b/%%E4%%BD%%A0?q=%s" % random))
        environ.update({"SCRIPT_NAME": "/shop", "REMOTE_ADDR": "192.0.2.7"})
        return glass_course.call(application, environ)
    environ = glass_course.environ("POST", "/" + random, body=b"four", REMOTE_ADDR="192.0.2.7")
    if name == "read-by-length":
        environ["wsgi.input"] = Strict(b"four")
        return glass_course.call(application, environ)
    warnings.simplefilter("error")
    return glass_course.call(validate.validator(application), environ)
