"""Broken: a header value with a line end in it. Sent as it is, it would become a second field that the application
never meant: here somebody's session cookie, if the value came from a visitor ("header injection").

Rule:  PEP 3333 "The start_response() Callable": a header value must not include control characters.
glass: answers 500, sends nothing of the value, and says in the log which header it was.

Run:   go run . examples/broken/cr_in_header.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    start_response("200 OK", [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("X-Note", "harmless\r\nSet-Cookie: session=stolen"),
    ])
    return [b"never sent\n"]
