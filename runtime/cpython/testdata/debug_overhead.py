"""What the debugger costs in Python. Run it with the Python to measure, from the folder runtime/cpython:

    python3 testdata/debug_overhead.py

It prints, for two applications, how many times longer a call takes in each state than with no debugger at all.
"""

import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

from glass_worker import debug_values  # noqa: E402

if sys.version_info >= (3, 12):
    from glass_worker.debug_monitor import Monitor as Engine
else:
    from glass_worker.debug_trace import Tracer as Engine


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ is None:
        never = True  # the line that is not reached
    return [b"hello"]


def page(environ, start_response):
    rows = []
    for number in range(60):
        text = "row %d" % number
        rows.append("<li>" + text + "</li>")
    if environ is None:
        never = True  # the line that is not reached
    start_response("200 OK", [("Content-Type", "text/html")])
    return ["".join(rows).encode()]


class Silent:
    def send(self, message):
        pass


def time_of(application, calls):
    """Seconds for one call: the best of several rounds, as everything else only adds to it."""
    best = 1e9
    for _ in range(7):
        begun = time.perf_counter()
        for _ in range(calls):
            application({}, lambda status, headers: None)
        best = min(best, time.perf_counter() - begun)
    return best / calls


def line_of(application, text):
    lines = open(__file__).read().split("\n")
    first = application.__code__.co_firstlineno
    return next(number for number, line in enumerate(lines, 1) if number > first and text in line)


def measure(application, calls):
    engine = Engine(Silent(), [HERE])
    unit = time_of(application, calls)
    print("%s: %.3f us a call" % (application.__name__, unit * 1e6))

    def row(state, call=application):
        print("  %-58s x%.2f" % (state, time_of(call, calls) / unit))

    def call(environ, start_response):  # as a worker does it
        task = engine.begin(1)
        application(environ, start_response)
        engine.end(task)

    def points(*all):
        engine.set_breakpoints([dict(point, id=1) for point in all], [])

    engine.attach()
    engine.callable = None
    row("attached, no breakpoint")
    points({"file": os.path.join(HERE, "behave.py"), "line": 20})
    row("a breakpoint in another file")
    points({"file": __file__, "line": line_of(application, "never = True")})
    row("a breakpoint in the function, its line not reached")
    points({"file": __file__, "line": line_of(application, "start_response("), "condition": "environ is None"})
    row("a condition in each call, false", call)
    points()
    other = threading.Thread(target=lambda: stepping(engine, other_ready, other_done))
    other_ready, other_done = threading.Event(), threading.Event()
    other.start()
    other_ready.wait()
    row("another thread in the middle of a step")
    other_done.set()
    other.join()
    engine.detach()
    row("detached")


def stepping(engine, ready, done):
    task = engine.begin(2)
    task.mode = "in"  # from the next function on, which is none of the application's
    engine.change()
    ready.set()
    done.wait()
    engine.end(task)


if __name__ == "__main__":
    print("Python %d.%d.%d" % sys.version_info[:3])
    measure(hello, 100_000)
    measure(page, 5_000)
