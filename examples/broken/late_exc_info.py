"""Broken: wants to turn the response into an error page after its first block has been sent.

Rule:  PEP 3333 "Error Handling": once the head has been sent, start_response with exc_info re-raises the exception.
glass: the peer has 200 and the first block; the body is visibly cut off, and the log has the traceback.

Run:   go run . examples/broken/late_exc_info.py
Try:   curl -i http://127.0.0.1:8888/     (curl: the body ended early)
"""

import sys


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    yield b"the first block\n"
    try:
        raise ValueError("noticed too late")
    except ValueError:
        start_response("500 Internal Server Error", [("Content-Type", "text/plain; charset=utf-8")], sys.exc_info())
        yield b"an apology that nobody will read\n"
