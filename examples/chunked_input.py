"""Chunked input: a body whose length nobody knows before its end.

wsgiref hands the chunks to the application as they came, and HTTP_TRANSFER_ENCODING says so: then decode them here.
glass decodes them first and removes the key, and wsgi.input ends where the body ends. To decode twice would spoil the
body. Other servers that decode may keep the key; wsgi.input_terminated, not in PEP 3333 but widely used, tells.

Run:  go run . examples/chunked_input.py
Try:  curl -H "Transfer-Encoding: chunked" -d "hello in chunks" http://127.0.0.1:8888/
"""

import hashlib

BLOCK = 64 * 1024


def application(environ, start_response):
    digest, size = hashlib.sha256(), 0
    for block in body_blocks(environ):
        digest.update(block)
        size += len(block)
    answer = f"{size} bytes, SHA-256 {digest.hexdigest()}\n".encode("ascii")
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(answer)))])
    return [answer]


def body_blocks(environ):
    stream = environ["wsgi.input"]
    if environ.get("CONTENT_LENGTH"):
        return read_blocks(stream, int(environ["CONTENT_LENGTH"]))
    if environ.get("wsgi.input_terminated"):
        return read_to_the_end(stream)
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        return decode_chunked(stream)
    if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        return []  # a server that does not promise an end might wait for one here
    return read_to_the_end(stream)


def read_to_the_end(stream):
    return iter(lambda: stream.read(BLOCK), b"")


def read_blocks(stream, remaining):
    while remaining > 0:
        block = stream.read(min(BLOCK, remaining))
        if not block:
            raise EOFError("the body ended early")
        remaining -= len(block)
        yield block


def decode_chunked(stream):
    """RFC 9112 section 7.1: chunked-body = *chunk last-chunk trailer-section CRLF"""
    while True:
        chunk_size = int(stream.readline(1024).partition(b";")[0], 16)  # ";" begins a chunk extension
        if chunk_size == 0:
            break
        yield from read_blocks(stream, chunk_size)
        if stream.readline(2) != b"\r\n":
            raise ValueError("a chunk must end in CRLF")
    while stream.readline(8192) not in (b"\r\n", b""):
        pass  # the trailer section
