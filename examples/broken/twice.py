"""Broken: calls start_response a second time without exc_info. Which of the two heads is meant?

Rule:  PEP 3333 "The start_response() Callable": a second call without exc_info is a fatal error.
glass: start_response raises; this application lets it pass, so the answer is 500, and the log names the rule.

Run:   go run . examples/broken/twice.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"found, or not found?\n"]
