"""Signal handlers of the application. One that raises does so wherever the main thread is, and that may be our own code,
with half a frame taken from the channel. So, once the application has set a handler, signals are blocked while frames are
taken, and let in where nothing can be lost; what a handler raises there ends here.
"""

import _signal
import sys
from select import select

from glass_worker import ending
from glass_worker.report import traceback_text

guards = hasattr(_signal, "pthread_sigmask")
everything = _signal.valid_signals() if guards else ()
set_handler = _signal.signal
application_has_some = False


def watch():
    """Note when the application sets a handler. signal.signal() calls the function that is replaced here."""
    if guards:
        _signal.signal = noted


def noted(number, handler):
    global application_has_some
    application_has_some = True
    return set_handler(number, handler)


def keep_out():
    """For the threads that are ours: a signal is for the main thread."""
    if guards:
        _signal.pthread_sigmask(_signal.SIG_BLOCK, everything)


def let_in(sock=None):
    """Let signals in: those that wait for it, and all until there is something to receive. Then block them."""
    while True:
        try:
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, everything)
            if sock is not None:
                select((sock,), (), ())
            _signal.pthread_sigmask(_signal.SIG_BLOCK, everything)
            return
        except BaseException as error:
            if ending.wanted:
                raise
            sys.stderr.write("A signal handler of the application raised while no request was at work:\n" + traceback_text(error))


def release():
    """The application is called: signals are its own."""
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, everything)
