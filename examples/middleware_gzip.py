"""Middleware, content post-processing: a response is compressed with gzip, block by block, for clients that accept it.

A compressor keeps bytes back to find what repeats. Middleware must not hold a block back (PEP 3333, "Middleware Handling
of Block Boundaries"), so the compressor is flushed after each: a stream stays a stream, and is a little longer.

Run:  go run . examples/middleware_gzip.py
Try:  curl -i http://127.0.0.1:8888/
      curl -sN --compressed http://127.0.0.1:8888/stream
"""

import time
import zlib

GZIP = 16 + zlib.MAX_WBITS  # zlib's way to ask for the gzip format


class Gzip:
    """Wraps an application; one GzipResponse does the work of one request."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        response = GzipResponse(start_response, accepts_gzip(environ), environ["REQUEST_METHOD"])
        response.blocks = self.application(environ, response.start_response)
        return response


def accepts_gzip(environ):
    """Accept-Encoding is a list: gzip, br;q=0.8. With q=0 the client says no (RFC 9110 §12.5.3)."""
    for item in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
        coding, _, weight = item.partition(";")
        if coding.strip().lower() in ("gzip", "x-gzip", "*"):
            return weight.strip().lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


class GzipResponse:
    """The start_response, the write and the iterable between the inner application and the server."""

    def __init__(self, start_response, accepted, method):
        self.server_start_response = start_response
        self.accepted = accepted
        self.method = method
        self.compressor = None  # made when the head shows that there is something to compress

    def start_response(self, status, headers, exc_info=None):
        names = {name.lower() for name, _ in headers}
        headers = vary(headers)
        self.compressor = None
        if self.accepted and has_body(self.method, status) and "content-encoding" not in names:
            self.compressor = zlib.compressobj(wbits=GZIP)
            headers = [(name, weak(name, value)) for name, value in headers if name.lower() != "content-length"]
            headers.append(("Content-Encoding", "gzip"))
        server_write = self.server_start_response(status, headers, *([exc_info] if exc_info else []))
        return lambda block: server_write(self.compress(block))

    def __iter__(self):
        for block in self.blocks:
            yield self.compress(block)
        if self.compressor:
            yield self.compressor.flush()

    def compress(self, block):
        if not self.compressor or not block:
            return block
        return self.compressor.compress(block) + self.compressor.flush(zlib.Z_SYNC_FLUSH)

    def close(self):
        if hasattr(self.blocks, "close"):
            self.blocks.close()


def has_body(method, status):
    return method != "HEAD" and status[:3] not in ("204", "304", "206")  # a part of a page has the bytes of the page


def vary(headers):
    """A cache keeps one response for each value of the fields that Vary names."""
    values = [value for name, value in headers if name.lower() == "vary"] + ["Accept-Encoding"]
    return [(name, value) for name, value in headers if name.lower() != "vary"] + [("Vary", ", ".join(values))]


def weak(name, value):
    """The compressed bytes are others: a strong ETag would say that they are the same (RFC 9110 §8.8.1)."""
    return "W/" + value if name.lower() == "etag" and not value.startswith("W/") else value


def page(environ, start_response):
    """The inner application."""
    headers = [("Content-Type", "text/plain; charset=utf-8")]
    if environ.get("PATH_INFO") == "/stream":
        start_response("200 OK", headers)
        return slowly()
    body = b"hello, hello, hello, hello\n" * 100
    start_response("200 OK", headers + [("Content-Length", str(len(body)))])
    return [body]


def slowly():
    for number in range(3):
        yield b"line %d\n" % number
        time.sleep(0.2)


application = Gzip(page)
