"""Broken: the body is longer than its Content-Length says. The rest, if sent, would look like the start of the next
response on this connection.

Rule:  PEP 3333 "Handling the Content-Length Header": a server must not send more bytes than Content-Length.
glass: sends five bytes and no more, and says in the log that the body went on.

Run:   go run . examples/broken/wrong_length_long.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "5")])
    yield b"hello"
    yield b", and a part that was not announced\n"
