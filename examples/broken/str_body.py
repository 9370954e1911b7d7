"""Broken: the body is str, not bytes. Python 2 allowed it; in Python 3 nobody knows which bytes are meant.

Rule:  PEP 3333 "A Note On String Types": header strings are str, the body is bytes.
glass: answers 500, and says in the log that the body must be bytes.

Run:   go run . examples/broken/str_body.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return ["text where bytes belong\n"]
