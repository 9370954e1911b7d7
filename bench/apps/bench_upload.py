"""Reads the body of the request in blocks of 64 KB, and says how much it was."""


def application(environ, start_response):
    left = int(environ.get("CONTENT_LENGTH") or 0)
    size = 0
    while left > 0:
        block = environ["wsgi.input"].read(min(left, 65536))
        if not block:
            break
        left -= len(block)
        size += len(block)
    body = b"%d\n" % size
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
