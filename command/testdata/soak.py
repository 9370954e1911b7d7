"""Answers the requests of TestSoak. Each request has an id; each call, and each close(), leaves a line with it in a file."""

import hashlib
import os

LEDGER = os.open(os.environ["SOAK_LEDGER"], os.O_WRONLY | os.O_APPEND)


class Blocks:
    def __init__(self, id, count, fails):
        self.id, self.count, self.fails = id, count, fails

    def __iter__(self):
        for n in range(self.count):
            yield b"%d of %s %s\n" % (n, self.id, b"x" * (37 * n % 5000))
        if self.fails:
            raise RuntimeError("in the middle of a response")

    def close(self):
        os.write(LEDGER, b"closed %s\n" % self.id)


def application(environ, start_response):
    _, kind, id, count = environ["PATH_INFO"].split("/")
    id, count = id.encode(), int(count)
    os.write(LEDGER, b"called %s\n" % id)
    if kind == "raise":
        raise RuntimeError("before start_response")
    headers = [("Content-Type", "text/plain"), ("X-Id", environ["HTTP_X_ID"])]
    if kind == "sized":
        headers.append(("Content-Length", str(sum(map(len, Blocks(id, count, False))))))
    write = start_response("200 OK", headers)
    if kind == "write":
        for block in Blocks(id, count, False):
            write(block)
        return Blocks(id, 0, False)
    if kind == "sum":
        length, digest = 0, hashlib.sha256()
        while block := environ["wsgi.input"].read(10000):
            length += len(block)
            digest.update(block)
        return [b"%s %d %s" % (id, length, digest.hexdigest().encode())]
    if kind == "pid":
        return [b"%d" % os.getpid()]
    if kind == "hello":
        return [b"hello ", id]
    return Blocks(id, count, kind == "break")
