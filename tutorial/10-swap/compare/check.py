"""Pairs of responses, as two servers or two frameworks send them."""

import http.client
import threading
from wsgiref import simple_server

import glass_course


def pair(name, random):
    plain = ("200 OK", [("Content-Type", "text/plain"), ("X-Random", random)], random.encode())
    headers = plain[1]
    others = {
        "the-same": plain,
        "servers-own": ("200 OK", [("date", "today"), ("SERVER", "other"), ("Content-Length", "12")] + headers, plain[2]),
        "case-and-order": ("200 OK", [("x-random", random), ("CONTENT-TYPE", "text/plain")], plain[2]),
        "status-and-body": ("404 Not Found", headers, b"no " + plain[2]),
        "a-field": ("200 OK", [("Content-Type", "text/html")], plain[2]),
    }
    if name == "cookies":
        cookies = [("Set-Cookie", "a=" + random), ("Set-Cookie", "b=2")]
        return ("200 OK", cookies, b""), ("200 OK", cookies[1:], b"")
    if name == "order-of-cookies":
        cookies = [("Set-Cookie", "a=" + random), ("Set-Cookie", "a=2")]
        return ("200 OK", cookies, b""), ("200 OK", cookies[::-1], b"")
    return plain, others[name]


class Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


def real(random):
    """One application, called, and served by wsgiref."""

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=" + random)])
        return [environ["PATH_INFO"].encode("latin-1")]

    called = glass_course.call(application, glass_course.environ(target="/" + random))
    server = simple_server.make_server("127.0.0.1", 0, application, handler_class=Quiet)
    threading.Thread(target=server.handle_request, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.request("GET", "/" + random)
    response = connection.getresponse()
    served = ("%d %s" % (response.status, response.reason), response.getheaders(), response.read())
    return (called["status"], called["headers"], called["body"].encode("latin-1")), served


def check(name, random):
    first, second = real(random) if name == "a-real-server" else pair(name, random)
    found = glass_course.load("compare.py").differences(first, second)
    return sorted(found) if isinstance(found, list) else found  # their order is nobody's business
