"""Applications that a server must cope with, and a recorder in place of the socket."""

import sys
import traceback

import glass_course


class Recorder:
    """What would have gone over the wire, in its order."""

    def __init__(self):
        self.log = []

    def send_head(self, status, headers):
        self.log.append(["head", status, [list(pair) for pair in headers]])

    def send_body(self, block):
        self.log.append(["body", block])


class Closing:
    def __init__(self, blocks, log):
        self.blocks, self.log = blocks, log

    def __iter__(self):
        return iter(self.blocks)

    def close(self):
        self.log.append("close")


def applications(random, log):
    block = random.encode()
    headers = [("X-Random", random)]

    def a_list(environ, start_response):
        start_response("200 OK", headers)
        return [b"one ", block]

    def generator(environ, start_response):
        start_response("200 OK", headers)
        yield block

    def no_block(environ, start_response):
        start_response("204 No Content", headers)
        return []

    def write_first(environ, start_response):
        write = start_response("200 OK", headers)
        write(b"written ")
        return [block]

    def never(environ, start_response):
        return [block]

    def nothing(environ, start_response):
        return []

    def twice(environ, start_response):
        start_response("200 OK", [])
        start_response("404 Not Found", [])
        return [block]

    def error_before(environ, start_response):
        start_response("200 OK", [])
        yield b""
        try:
            raise KeyError(random)
        except KeyError:
            start_response("500 Oops", headers, sys.exc_info())
        yield b"sorry"

    def error_after(environ, start_response):
        start_response("200 OK", headers)
        yield block
        try:
            look_up(random)
        except KeyError:
            start_response("500 Oops", headers, sys.exc_info())
        yield b"sorry"

    def look_up(name):
        raise KeyError(name)

    def breaks(environ, start_response):
        start_response("200 OK", headers)
        yield block
        raise RuntimeError(random)

    def closes(application):
        return lambda environ, start_response: Closing(application(environ, start_response), log)

    return {
        "list": a_list, "generator": generator, "no-block": no_block, "write": write_first,
        "never-started": never, "nothing-at-all": nothing, "twice": twice, "exc-info-before": error_before, "exc-info-after": error_after,
        "close": closes(a_list), "close-what-broke": closes(breaks),
    }


def check(name, random):
    response = glass_course.load("response.py")
    out = Recorder()
    result = {"log": out.log, "raised": None, "lines": []}
    try:
        response.call(applications(random, out.log)[name], glass_course.environ(), out)
    except NotImplementedError:
        raise
    except Exception as error:
        result["raised"] = [type(error).__name__, str(error.args[0]) if error.args else ""]
        result["lines"] = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return result
