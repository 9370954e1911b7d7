"""Broken: the body is shorter than its Content-Length says, as when characters are counted and half of them get lost.

Rule:  PEP 3333 "Handling the Content-Length Header": the length and the body must agree.
glass: the head is sent by then, so it closes the connection before the promised length: the peer can see that the body
       is incomplete. The log says how many bytes are missing.

Run:   go run . examples/broken/wrong_length_short.py
Try:   curl -i http://127.0.0.1:8888/     (curl: transfer closed with outstanding read data remaining)
"""


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "100")])
    yield b"far fewer than "
    yield b"100 bytes\n"
