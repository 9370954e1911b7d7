"""Each path harms what the worker itself needs. That request may fail; the next one must not."""

import json
import marshal
import os
import signal
import socket
import struct
import sys
import time


def app(environ, start_response):
    path = environ["PATH_INFO"].strip("/")
    if path:
        globals()[path]()
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["QUERY_STRING"] == "traced":
        return [repr((sys.gettrace(), sys.getprofile())).encode()]
    return [b"x" * int(environ["QUERY_STRING"] or 1)]


def broken(*arguments, **keywords):
    raise RuntimeError("replaced by the application")


def channel():
    """The socket to the server, as an application finds it that goes through its descriptors."""
    return next(n for n in range(3, 64) if os.path.exists("/proc/self/fd/%d" % n) and "socket" in os.readlink("/proc/self/fd/%d" % n))


def nonblocking():
    os.set_blocking(channel(), False)


def default_timeout():
    socket.setdefaulttimeout(0.001)


def replaces():
    marshal.loads = marshal.dumps = json.loads = json.dumps = broken
    struct.Struct = struct.pack = struct.unpack = broken
    os.write = broken
    time.time = time.perf_counter = time.sleep = broken


def handler(number, frame):
    raise TimeoutError("signal %d" % number)


def alarm():
    """It goes off when the response has been sent."""
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.05)


def exits_later():
    signal.signal(signal.SIGALRM, lambda number, frame: sys.exit(5))
    signal.setitimer(signal.ITIMER_REAL, 0.05)


def traces():
    sys.settrace(broken)


def profiles():
    sys.setprofile(broken)


def traces_slowly():
    sys.settrace(lambda *arguments: time.sleep(0.01))


def profiles_slowly():
    sys.setprofile(lambda *arguments: None)


def closes():
    os.closerange(3, 256)


def closes_and_reuses():
    os.closerange(3, 256)
    for _ in range(8):
        os.open(os.devnull, os.O_RDWR)


def environment():
    os.environ.clear()
    os.chdir("/")
    sys.path.clear()
    sys.argv.clear()
    sys.modules.pop("socket")


def streams():
    sys.stdout.close()
    sys.stderr.close()
    sys.stdin.close()
    os.closerange(0, 3)


def recursion():
    sys.setrecursionlimit(60)


def collector():
    import gc

    gc.disable()
    gc.set_threshold(1)
