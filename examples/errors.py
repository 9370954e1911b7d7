"""Errors: what the peer sees depends on when the application fails.

/before   raises before start_response: the server can still answer 500
/after    raises after the first block: the head is gone, so the server can only cut the body off
/handled  fails, notices in time, and replaces its head by calling start_response again with exc_info
/exit     calls sys.exit, which must end neither the server nor the other requests

Run:  go run . examples/errors.py
Try:  curl -i http://127.0.0.1:8888/before
      curl -i http://127.0.0.1:8888/handled
"""

import sys

HEADERS = [("Content-Type", "text/plain; charset=utf-8")]


def application(environ, start_response):
    path = environ.get("PATH_INFO")
    if path == "/before":
        raise ValueError("raised before the head")
    if path == "/exit":
        sys.exit("the application wants to leave")
    if path == "/after":
        return after(start_response)
    if path == "/handled":
        return handled(start_response)
    start_response("200 OK", HEADERS[:])
    return [b"Try /before, /after, /handled and /exit.\n"]


def after(start_response):
    start_response("200 OK", HEADERS[:])
    yield b"the first block\n"
    raise ValueError("raised after the first block")


def handled(start_response):
    start_response("200 OK", HEADERS[:])
    try:
        raise ValueError("raised and handled")
    except ValueError:
        start_response("503 Service Unavailable", HEADERS[:], sys.exc_info())
        return [b"Something failed, but in time.\n"]
