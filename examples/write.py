"""Write: start_response returns a write callable, for programs that push their output instead of yielding it.

New applications should yield: write() exists for older code (PEP 3333 "The write() Callable").

Run:  go run . examples/write.py
Try:  curl -N http://127.0.0.1:8888/
"""


def application(environ, start_response):
    write = start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    write(b"written first\n")
    write(b"written second\n")
    return [b"returned last\n"]
