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

    def charset(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
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

    return {"text": a_list, "length": with_length, "charset": charset, "other-types": image, "two-at-once": both(block), "late-start": generator, "write": writes,
            "exc-info": fails, "one-block-at-a-time": streams, "close": Closing(log)}


def both(block):
    """A text or an image, by the path, in two blocks."""

    def application(environ, start_response):
        start_response("200 OK", TEXT if environ["PATH_INFO"] == "/text" else [("Content-Type", "image/png")])
        yield block
        yield b" " + block

    return application


def at_once(app):
    """What two responses have in them that are made block by block, in turn."""
    made = {}
    running = [(name, iter(app(glass_course.environ(target="/" + name), nothing))) for name in ("text", "image")]
    for _ in range(2):
        for name, blocks in running:
            made[name] = made.get(name, b"") + next(blocks)
    return made


def nothing(status, headers, exc_info=None):
    pass


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
    if name == "two-at-once":
        return at_once(app)
    if name != "one-block-at-a-time":
        result = glass_course.call(app, glass_course.environ())
        result["headers"] = sorted([[name.lower(), value] for name, value in result["headers"] or []])
        result["type"] = dict(result["headers"]).get("content-type", "").partition(";")[0]
        if name == "close":
            result["closed"] = log.count("close")
        return result
    iterable = app(glass_course.environ(), nothing)
    for block in iterable:
        log.append("sent " + block[:1].decode())
    return {"log": log}
