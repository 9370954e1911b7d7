"""Middleware, content post-processing: every text that the inner application sends is turned to upper case.

The length may change ("ß" becomes "SS"), so Content-Length is computed anew where the whole body is at hand, and left
out where it is a stream. A stream stays a stream: one block in, one block out.

Run:  go run . examples/middleware_post_process.py
Try:  curl -i http://127.0.0.1:8888/
      curl -iN http://127.0.0.1:8888/stream
"""

import codecs
import time


class UpperCase:
    """Wraps an application; one UpperCaseResponse does the work of one request."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        response = UpperCaseResponse(start_response)
        response.blocks = self.application(environ, response.start_response)
        return response


class UpperCaseResponse:
    """The start_response, the write and the iterable between the inner application and the server."""

    def __init__(self, start_response):
        self.server_start_response = start_response
        self.head = None  # what the application told start_response, until the new Content-Length is known
        self.server_write = None
        self.is_text = False
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a block may end within a character

    def start_response(self, status, headers, exc_info=None):
        if exc_info and self.server_write:
            return self.server_start_response(status, headers, exc_info)  # too late: the server re-raises
        if self.head and not exc_info:
            raise AssertionError("start_response was called twice without exc_info")
        self.head = status, headers, exc_info
        self.is_text = any(name.lower() == "content-type" and value.startswith("text/") for name, value in headers)
        return self.write

    def write(self, block):
        self.send_head(length=None)
        self.server_write(self.upper(block))

    def __iter__(self):
        whole = hasattr(self.blocks, "__len__") and len(self.blocks) == 1
        for block in self.blocks:
            block = self.upper(block, final=whole)
            self.send_head(length=len(block) if whole else None)
            yield block
        self.send_head(length=None)
        rest = self.upper(b"", final=True)
        if rest:
            yield rest

    def close(self):
        if hasattr(self.blocks, "close"):
            self.blocks.close()

    def upper(self, block, final=False):
        if not self.is_text:
            return block
        return self.decoder.decode(block, final).upper().encode("utf-8")

    def send_head(self, length):
        if self.server_write or not self.head:
            return
        status, headers, exc_info = self.head
        if self.is_text:
            had_length = any(name.lower() == "content-length" for name, _ in headers)
            headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
            if had_length and length is not None:
                headers.append(("Content-Length", str(length)))
        if exc_info:
            self.server_write = self.server_start_response(status, headers, exc_info)
        else:
            self.server_write = self.server_start_response(status, headers)


def quiet(environ, start_response):
    """The inner application, which speaks in lower case."""
    headers = [("Content-Type", "text/plain; charset=utf-8")]
    if environ.get("PATH_INFO") == "/stream":
        start_response("200 OK", headers)
        return slowly()
    body = "hello, straße\n".encode("utf-8")
    start_response("200 OK", headers + [("Content-Length", str(len(body)))])
    return [body]


def slowly():
    for number in range(3):
        yield b"line %d\n" % number
        time.sleep(0.2)


application = UpperCase(quiet)
