"""The end that comes while the application is at work: Python ends as it does after sys.exit(), so that atexit handlers
run. What the main thread is doing is broken off by SystemExit, which the handler of SIGTERM raises in it.

To everybody else's SIGTERM the worker, and a child that it forked, does what it does without this.
"""

import _signal
import os
from _thread import start_new_thread
from time import sleep

AGAIN = 0.01  # seconds until the handler looks again, where it found a frame half sent

wanted = False  # the server said leave
is_serving = False  # there is something to break off: from the first request until the worker leaves by itself
uninterruptible = set()  # the code objects in which a frame could be half sent


def prepare():
    """Called in the main thread, the only one that may set a handler."""
    _signal.signal(_signal.SIGTERM, on_sigterm)


def leave(main_thread):
    """Called in the thread that waits for the server's orders."""
    global wanted
    wanted = True
    if hasattr(_signal, "pthread_kill"):
        _signal.pthread_kill(main_thread, _signal.SIGTERM)
    else:
        from _thread import interrupt_main

        interrupt_main(_signal.SIGTERM)


def on_sigterm(number, frame):
    if not wanted:
        _signal.signal(number, _signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return
    if not is_serving:
        return
    while frame is not None:
        if frame.f_code in uninterruptible:
            start_new_thread(later, ())
            return
        frame = frame.f_back
    raise SystemExit


def later():
    sleep(AGAIN)
    os.kill(os.getpid(), _signal.SIGTERM)
