"""Applications that behave, one for each path; and some that do not."""

import os
import sys
import threading
import time

closed = []  # the paths whose iterable was closed


def application(environ, start_response):
    return globals()[environ["PATH_INFO"].strip("/")](environ, start_response)


def ok(start_response, *headers):
    return start_response("200 OK", [("Content-Type", "text/plain")] + list(headers))


class Body:
    def __init__(self, environ, blocks):
        self.path, self.blocks = environ["PATH_INFO"], iter(blocks)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.blocks)

    def close(self):
        closed.append(self.path)
        if self.path == "/close_raises":
            raise ValueError("close failed")


# ---- answers


def hello(environ, start_response):
    ok(start_response)
    return [b"hello\n"]


def pid(environ, start_response):
    ok(start_response)
    return [str(os.getpid()).encode()]


def show(environ, start_response):
    ok(start_response)
    return [repr(sorted((k, v) for k, v in environ.items() if isinstance(v, (str, bool, tuple)))).encode()]


def types(environ, start_response):
    ok(start_response)
    import io

    environ["wsgi.errors"].write("to wsgi.errors: \u20ac\n")
    print("to stdout \udc80")
    facts = [
        type(environ) is dict, isinstance(environ["wsgi.input"], io.BytesIO), environ["wsgi.file_wrapper"].__name__,
        environ["wsgi.input_terminated"], environ["wsgi.version"], sys.stdin.read(), __name__, sys.argv,
        os.path.basename(sys.path[0]), threading.current_thread() is threading.main_thread(),
    ]  # fmt: skip
    return [repr(facts).encode()]


def headers_echo(environ, start_response):
    ok(start_response, ("X-Echo", environ["HTTP_X_ECHO"]))
    return []


def lazy(environ, start_response):
    """start_response comes with the first block."""
    ok(start_response)
    yield b""
    yield b"one"
    yield b"two"


def writes(environ, start_response):
    write = ok(start_response)
    write(b"first ")
    write(b"second ")
    return [b"third"]


def closable(environ, start_response):
    ok(start_response)
    return Body(environ, [b"x"])


def close_raises(environ, start_response):
    ok(start_response)
    return Body(environ, [b"x"])


def raises_midway(environ, start_response):
    def blocks():
        yield b"x"
        raise KeyError("midway")

    ok(start_response)
    return Body(environ, blocks())


def endless(environ, start_response):
    ok(start_response)

    def blocks():
        while True:
            yield b"z" * 1000

    return Body(environ, blocks())


def all_closed(environ, start_response):
    ok(start_response)
    return [",".join(closed).encode()]


def replaced(environ, start_response):
    try:
        start_response("200 OK", [("X-Old", "1")])
        raise ValueError("oops")
    except ValueError:
        start_response("500 Oops", [("X-New", "1")], sys.exc_info())
    return [b"sorry"]


def reraised(environ, start_response):
    ok(start_response)
    yield b"out"
    try:
        raise ValueError("too late")
    except ValueError:
        start_response("500 Oops", [], sys.exc_info())


def file(environ, start_response):
    ok(start_response)
    f = open(__file__, "rb")
    f.seek(4)
    return environ["wsgi.file_wrapper"](f, 100)


def big(environ, start_response):
    """64 MB: a few large blocks, as many small ones, and one list."""
    ok(start_response)
    size = 64 << 20
    if environ["QUERY_STRING"] == "one":
        return [b"b" * size]
    if environ["QUERY_STRING"] == "list":
        return [b"b" * 1024] * (size // 1024)
    return (b"b" * 100_000 for _ in range(size // 100_000))


# ---- wsgi.input


def echo(environ, start_response):
    ok(start_response)
    return [environ["wsgi.input"].read()]


def methods(environ, start_response):
    ok(start_response)
    f = environ["wsgi.input"]
    facts = [f.read(3), f.readline(), f.readline(4), f.readline(), f.readlines(6), next(iter(f)), f.read(0)]
    facts += [f.read(), f.read(), f.readline(), list(f)]
    return [repr(facts).encode()]


def count(environ, start_response):
    ok(start_response)
    total = 0
    while True:
        data = environ["wsgi.input"].read(50_000)
        if not data:
            return [str(total).encode()]
        total += len(data)


def guarded(environ, start_response):
    try:
        environ["wsgi.input"].read()
    except OSError as error:
        ok(start_response)
        return [("%s: %s" % (type(error).__name__, error)).encode()]
    return None


def rss(environ, start_response):
    ok(start_response)
    with open("/proc/self/status") as f:
        return [line.split()[1].encode() for line in f if line.startswith(environ["QUERY_STRING"] + ":")]


# ---- harm


def exits(environ, start_response):
    sys.exit(7)


def interrupts(environ, start_response):
    raise KeyboardInterrupt


def hard_exit(environ, start_response):
    os._exit(3)


def segfault(environ, start_response):
    import ctypes

    ctypes.string_at(0)


def closes_channel(environ, start_response):
    os.closerange(0, 100)
    ok(start_response)
    return [b"?"]


def closes_standard(environ, start_response):
    os.closerange(0, 3)
    ok(start_response)
    return [b"still here"]


def forks(environ, start_response):
    child = os.fork()
    if child == 0:
        ok(start_response)
        return [b"from the child"]
    _, status = os.waitpid(child, 0)
    ok(start_response)
    return [b"parent, child ended with %d" % status]


def fork_raises(environ, start_response):
    child = os.fork()
    if child == 0:
        raise ValueError("in the child")
    os.waitpid(child, 0)
    ok(start_response)
    return [b"parent"]


def reads_stdin(environ, start_response):
    ok(start_response)
    try:
        return [input().encode()]
    except EOFError:
        return [b"EOFError"]


def leaves_child(environ, start_response):
    import subprocess

    child = subprocess.Popen(["sleep", "600"])
    ok(start_response)
    return [str(child.pid).encode()]


def sleeps(environ, start_response):
    time.sleep(600)


def sleeps_a_little(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"]))
    ok(start_response)
    return [b"awake"]


def ignores_sigterm(environ, start_response):
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ok(start_response)
    return [str(os.getpid()).encode()]


def same_pid(environ, start_response):
    """With threads: the answer names its own request."""
    ok(start_response)
    time.sleep(0.001)
    return [environ["QUERY_STRING"].encode(), b" ", environ["wsgi.input"].read()]
