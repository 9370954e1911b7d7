"""File wrapper: hand an open file to the server, which may have a faster way to send it than reading it in Python.

wsgi.file_wrapper is optional (PEP 3333 "Optional Platform-Specific File Handling"), so there is a way without.

Run:  go run . examples/file_wrapper.py
Try:  curl http://127.0.0.1:8888/      (this file)
"""

import os

BLOCK = 64 * 1024


def application(environ, start_response):
    file = open(__file__, "rb")  # the server closes it: a wrapper's close() closes the file
    start_response("200 OK", [
        ("Content-Type", "text/x-python; charset=utf-8"),
        ("Content-Length", str(os.fstat(file.fileno()).st_size)),
    ])
    if "wsgi.file_wrapper" in environ:
        return environ["wsgi.file_wrapper"](file, BLOCK)
    return blocks(file)


def blocks(file):
    with file:
        yield from iter(lambda: file.read(BLOCK), b"")
