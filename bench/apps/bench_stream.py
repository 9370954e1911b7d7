"""10 MB in blocks of 64 KB from a generator, of a length that nobody was told."""

BLOCK = b"x" * 65536
BLOCKS = 160


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    for _ in range(BLOCKS):
        yield BLOCK
