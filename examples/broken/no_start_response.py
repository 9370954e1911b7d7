"""Broken: returns a body, but never calls start_response. The server has no status and no header fields to send.

Rule:  PEP 3333 "The start_response() Callable": it must be called before the iterable yields its first block.
glass: answers 500, and says in the log that start_response was not called.

Run:   go run . examples/broken/no_start_response.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    return [b"a body without a head\n"]
