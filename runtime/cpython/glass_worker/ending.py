"""The end that comes while the application is at work: Python ends as it does after sys.exit(), so that atexit handlers
run. What the main thread is doing is broken off by SystemExit, which a signal handler raises in it.

The signal is SIGURG, which applications have no other use for. A handler for SIGTERM would change what SIGTERM does to
them and, worse, to their children: one that comes right after a fork would be lost.
"""

import _signal
from _thread import start_new_thread
from time import sleep

SIGNAL = getattr(_signal, "SIGURG", _signal.SIGTERM)  # Windows has no SIGURG, and no signals from others
AGAIN = 0.01  # seconds until the handler looks again, where it found a frame half sent

main_thread = 0
wanted = False  # the server said leave
is_serving = False  # there is something to break off: from the first request until the worker leaves by itself
uninterruptible = set()  # the code objects in which a frame could be half sent


def prepare(thread):
    """Called in the main thread, the only one that may set a handler."""
    global main_thread
    main_thread = thread
    _signal.signal(SIGNAL, on_signal)


def leave():
    """Called in the thread that waits for the server's orders."""
    global wanted
    wanted = True
    interrupt()


def interrupt():
    if hasattr(_signal, "pthread_kill"):
        _signal.pthread_kill(main_thread, SIGNAL)
    else:
        from _thread import interrupt_main

        interrupt_main(SIGNAL)


def on_signal(number, frame):
    if not wanted or not is_serving:
        return
    while frame is not None:
        if frame.f_code in uninterruptible:
            start_new_thread(later, ())
            return
        frame = frame.f_back
    raise SystemExit


def later():
    sleep(AGAIN)
    interrupt()
