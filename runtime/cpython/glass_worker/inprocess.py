"""A worker in the server's own process (--in-process). Its channel is memory, behind three functions of the server's. The
process, its signals, its title and its end are the server's business here.
"""

import _signal
import os
import sys
from _thread import get_ident, start_new_thread

from glass_worker import ending, report, serve
from glass_worker.channel import I32, READY, Channel

SERVERS_SIGNALS = frozenset(
    getattr(_signal, "SIG" + name) for name in
    "HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE TERM TTIN TTOU URG PROF SYS".split())  # fmt: skip
INTERRUPT = _signal.SIGRTMAX  # breaks off what the main thread does; Go has no use for it

application = None  # of all workers: there is a second one while a call hangs in the first


class Line:
    """What Channel takes for a socket."""

    def __init__(self, send, receive, pass_file):
        self.send, self.receive, self.pass_file = send, receive, pass_file

    def sendmsg(self, parts, rights=()):
        if rights:
            self.pass_file(I32.unpack(rights[0][2])[0])
        return self.send(b"".join(parts))

    def recv_into(self, room, size=0, flags=0):
        data = self.receive(-len(room) if flags else len(room))
        if data is None:
            raise BlockingIOError
        if not data:
            raise SystemExit  # the server has given this worker up
        room[: len(data)] = data
        return len(data)

    def setblocking(self, flag):
        pass

    def close(self):
        pass


def work(send, receive, pass_file, lifeline, output, outbox, bell, settings):
    """Be a worker, on the thread that calls this, until the server says QUIT. Return why it ended otherwise, or b"". Of the
    descriptors outbox and bell may be missing."""
    global application
    try:
        channel = Channel(Line(send, receive, pass_file))
        start_new_thread(obey, (lifeline, channel, get_ident()))
        if application is None:
            serve.main_thread = get_ident()
            open_streams(output)
            leave_signals()
            serve.set_up(settings)
            application = serve.load_or_tell(channel, settings)
        serve.tell(channel, READY, ("%d.%d.%d" % sys.version_info[:3],))
        serve.serve(channel, application, settings, outbox, bell)
    except SystemExit:
        pass
    except BaseException as error:
        return report.traceback_text(error).encode()
    return b""


def open_streams(output):
    """The application prints to where a worker's output goes, and reads nothing from the terminal."""
    sys.stdin = sys.__stdin__ = open(os.devnull)
    sys.stdout = sys.__stdout__ = open(output, "w", closefd=False)
    sys.stderr = sys.__stderr__ = open(output, "w", closefd=False)


def leave_signals():
    """The server's signals stay the server's, and those without which Go cannot run."""
    set_handler = _signal.signal

    def signal(number, handler):
        if number not in SERVERS_SIGNALS:
            return set_handler(number, handler)
        sys.stderr.write(
            "The application sets a handler for %s, which is ignored: with --in-process this signal is the server's.\n"
            % _signal.strsignal(number))  # fmt: skip
        return _signal.getsignal(number)

    set_handler(INTERRUPT, break_off)
    _signal.signal = signal


# ---- the lifeline


def obey(lifeline, channel, thread):
    """Wait in a thread for the server's orders. Its end means nothing here."""
    while True:
        order = os.read(lifeline, 1)
        if not order:
            os.close(lifeline)
            return
        if order == b"?":
            serve.tell_where(channel)
        elif order == b"x" and thread == serve.main_thread:
            _signal.pthread_kill(thread, INTERRUPT)


def break_off(number, frame):
    """The call that hangs is to end; QUIT comes after it. Python runs signal handlers in its main thread only."""
    if serve.call_of(frame) is None:
        return
    while frame is not None:
        if frame.f_code in ending.uninterruptible:
            return
        frame = frame.f_back
    raise SystemExit
