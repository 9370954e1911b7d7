"""Broken: there is no return, so the application returns None, which cannot be iterated.

Rule:  PEP 3333 "The Application/Framework Side": the callable must return an iterable of zero or more byte strings.
glass: answers 500, and says in the log that it got None. For an empty body return [].

Run:   go run . examples/broken/none_body.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    [b"made, but not returned\n"]
