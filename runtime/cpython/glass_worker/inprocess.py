"""A worker in the server's own process (--in-process). Its channel is memory, behind three functions of the server's. The
process, its signals, its title and its end are the server's business here.
"""

import _signal
import os
import sys
from _thread import allocate_lock, get_ident, start_new_thread
from os import read  # by itself: an application may replace what is in the module

from glass_worker import ending, report, serve
from glass_worker.channel import I32, READY, Channel

SERVERS_SIGNALS = frozenset(
    getattr(_signal, "SIG" + name) for name in
    "HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE TERM TTIN TTOU URG PROF SYS".split())  # fmt: skip
INTERRUPT = _signal.SIGRTMAX  # breaks off what the main thread does; Go has no use for it

application = None  # of all workers: there is a second one while a call hangs in the first


# The inbox: inbox.go says what is where.
PUT, TAKEN, SLEEPS, MORE = range(4)
HEAD = 64
RING = 512 * 1024
LOCK_IS_FENCE = os.uname().machine == "x86_64"  # elsewhere the server's own lock is one


class NearChannel(Channel):
    """The channel of a thread that the server's loop runs on as well."""

    def is_last(self):
        return False  # when nothing is at hand we go back to the loop: it looks for answers itself


class Line:
    """What Channel takes for a socket."""

    def __init__(self, send, receive, pass_file, wait, inbox, doorbell):
        self.send, self.receive, self.pass_file, self.wait, self.doorbell = send, receive, pass_file, wait, doorbell
        self.words, self.ring = inbox[:HEAD].cast("Q"), inbox[HEAD:]
        self.taken = 0
        self.fence = allocate_lock()

    def sendmsg(self, parts, rights=()):
        if rights:
            self.pass_file(I32.unpack(rights[0][2])[0])
        return self.send(b"".join(parts))

    def recv_into(self, room, size=0, flags=0):
        words = self.words
        while True:
            if words[PUT] != self.taken:
                return self.take(room)
            if words[MORE]:
                return self.put(room, self.receive(len(room)))
            if flags:
                raise BlockingIOError
            if self.wait is not None:
                self.wait()
                continue
            words[SLEEPS] = 1
            with self.fence:  # from here on the server sees it
                pass
            data = None if LOCK_IS_FENCE else self.receive(len(room))
            if data is None and words[PUT] == self.taken and not words[MORE]:
                read(self.doorbell, 8)
            words[SLEEPS] = 0
            if data is not None:
                return self.put(room, data)

    def take(self, room):
        """Take from the inbox, up to the end of the ring."""
        first = self.taken % RING
        size = min(len(room), self.words[PUT] - self.taken, RING - first)
        room[:size] = self.ring[first : first + size]
        self.taken += size
        self.words[TAKEN] = self.taken
        return size

    def put(self, room, data):
        if not data:
            raise SystemExit  # the server has given this worker up
        room[: len(data)] = data
        return len(data)

    def setblocking(self, flag):
        pass

    def close(self):
        pass


def work(send, receive, pass_file, wait, inbox, doorbell, lifeline, output, outbox, bell, settings):
    """Be a worker, on the thread that calls this, until the server says QUIT. Return why it ended otherwise, or b"". Of the
    descriptors outbox and bell may be missing.

    With wait, the server's loop runs on this thread: in wait() while a call has to wait, and else in the caller, who gets a
    function as soon as the application is loaded. It serves what has come and returns None, or at the end the same as this."""
    global application
    try:
        channel = (Channel if wait is None else NearChannel)(Line(send, receive, pass_file, wait, inbox, doorbell))
        start_new_thread(obey, (lifeline, channel, get_ident()))
        if application is None:
            serve.main_thread = get_ident()
            open_streams(output)
            leave_signals()
            serve.set_up(settings)
            application = serve.load_or_tell(channel, settings)
        serve.tell(channel, READY, ("%d.%d.%d" % sys.version_info[:3],))
        if wait is not None:
            return serving(serve.make_worker(channel, application, settings, outbox, bell))
        serve.serve(channel, application, settings, outbox, bell)
    except SystemExit:
        pass
    except BaseException as error:
        return report.traceback_text(error).encode()
    return b""


def serving(worker):
    worker.begin_inline()
    outbox = worker.channel.outbox

    def serve_ready():
        outbox.told = outbox.put  # the loop has looked
        try:
            if worker.serve_ready():
                return None
        except SystemExit:
            pass
        except BaseException as error:
            return report.traceback_text(error).encode()
        return b""

    return serve_ready


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
        order = read(lifeline, 1)
        if not order:
            os.close(lifeline)
            return
        if order == b"?":
            serve.tell_where(channel)
        elif order == b"x" and thread == serve.main_thread:
            _signal.pthread_kill(thread, INTERRUPT)
        elif order == b"x" and is_at_work(sys._current_frames().get(thread)):
            raise_in(thread)


def break_off(number, frame):
    """The call that hangs is to end; QUIT comes after it. A signal ends a wait as well, and is for the main thread only."""
    if is_at_work(frame):
        raise SystemExit


def raise_in(thread):
    """The same in another thread, which notices when it runs Python's code again."""
    ctypes = report.standard("ctypes")
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))


def is_at_work(frame):
    """A call is under way, and no frame of ours could be half sent."""
    if serve.call_of(frame) is None:
        return False
    while frame is not None:
        if frame.f_code in ending.uninterruptible:
            return False
        frame = frame.f_back
    return True
