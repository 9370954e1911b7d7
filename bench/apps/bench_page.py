"""A page of 64 KB, as a template would have made it."""

BODY = (b"<p>" + b"x" * 1017 + b"</p>") * 64
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(BODY)))]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
