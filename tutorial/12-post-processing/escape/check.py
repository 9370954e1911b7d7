"""Applications inside of Escape, and a server that notes in which order things happen."""

import sys

import glass_course

TEXT = [("Content-Type", "text/plain")]


def applications(random, log):
    block = b"1 < " + random.encode()

    def a_list(environ, start_response):
        start_response("200 OK", TEXT)
        return [block, b" & more"]

    def with_length(environ, start_response):
        start_response("200 OK", [("content-length", str(len(block))), ("Content-Type", "text/plain")])
        return [block]

    def image(environ, start_response):
        start_response("200 OK", [("Content-Type", "image/png"), ("Content-Length", str(len(block)))])
        return [block]

    def generator(environ, start_response):
        start_response("200 OK", TEXT)
        yield block

    def writes(environ, start_response):
        write = start_response("200 OK", TEXT)
        write(block)
        return []

    def fails(environ, start_response):
        start_response("200 OK", TEXT)
        try:
            raise KeyError(random)
        except KeyError:
            start_response("500 Oops", TEXT, sys.exc_info())
        return [block]

    def streams(environ, start_response):
        start_response("200 OK", TEXT)
        for number in "12":
            log.append("asked " + number)
            yield number.encode() + random.encode()

    return {"text": a_list, "length": with_length, "other-types": image, "late-start": generator, "write": writes,
            "exc-info": fails, "one-block-at-a-time": streams, "close": Closing(log)}


class Closing:
    """An application whose iterable tells when it is closed."""

    def __init__(self, log):
        self.log = log

    def __call__(self, environ, start_response):
        start_response("200 OK", TEXT)
        return self

    def __iter__(self):
        yield b"a"

    def close(self):
        self.log.append("close")


def check(name, random):
    log = []
    app = glass_course.load("escape.py").Escape(applications(random, log)[name])
    if name != "one-block-at-a-time":
        result = glass_course.call(app, glass_course.environ())
        result["headers"] = sorted([[name.lower(), value] for name, value in result["headers"] or []])
        if name == "close":
            result["closed"] = log.count("close")
        return result
    iterable = app(glass_course.environ(), lambda status, headers, exc_info=None: None)
    for block in iterable:
        log.append("sent " + block[:1].decode())
    return {"log": log}
