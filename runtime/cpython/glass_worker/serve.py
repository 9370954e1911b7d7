"""The worker: set up, load the application, then serve calls until the server says QUIT."""

import os
import sys
from _queue import SimpleQueue
from _thread import allocate_lock, start_new_thread
from io import BufferedReader, BytesIO
from marshal import dumps, loads  # by themselves: an application may replace what is in the module
from struct import Struct
from sys import getprofile, gettrace, setprofile, settrace

from glass_worker import ending, load, preload, report, signals
from glass_worker.body import FileWrapper, RequestBody
from glass_worker.call import Call
from glass_worker.channel import (
    AGAIN, CONSTANTS, HEADER, KEPT, LOAD_ERROR, QUIT, READY, REQUEST, TARGET, U32, WHERE, Channel, breach)  # fmt: skip
from glass_worker.express import Express
from glass_worker.mailboxes import Inline, Queued

PLACE_AND_SIZE = Struct("<II")
KEPT_HEAD = Struct("<IBI")  # place, flags, size of the environ
BODY_FOLLOWS = 1  # flag of REQUEST: the payload holds the environ only, the body is read with READ

loading = True
main_thread = 0
ears_closed = allocate_lock()  # free when the thread that waits for orders has ended, as --preload wants it to
ears_closed.acquire()
on_order = None  # what reads the debugger's messages from the lifeline


def main(sock, lifeline, settings):
    channel = Channel(sock)
    watch_server(lifeline, channel)
    ending.prepare(main_thread)
    signals.watch()
    set_up(settings)
    show_title(settings["title"])
    application = load_or_tell(channel, settings)
    outbox, bell = settings["outbox"], settings["bell"]
    if settings["preload"]:
        tell(channel, READY, ("%d.%d.%d" % sys.version_info[:3],))
        ears_closed.acquire()  # no thread of ours is left, and nothing but this one is copied
        mine = preload.make_workers(sock, lifeline, lambda kind, values: tell(channel, kind, values))
        if mine is None:
            return
        sock, lifeline, outbox, bell, title = mine
        show_title(title)
        channel = Channel(sock)
        watch_server(lifeline, channel)
    debugger = None
    if settings["debug"]:
        debugger = start_debugger(lifeline, application, settings)
    tell(channel, READY, ("%d.%d.%d" % sys.version_info[:3],))
    serve(channel, application, settings, outbox, bell, debugger)


def load_or_tell(channel, settings):
    """The application. Where it cannot be loaded the server is told why, and we are done."""
    global loading
    try:
        return load.load(settings["application"], settings["install"], settings["threads"])
    except load.LoadFailure as failure:
        tell(channel, LOAD_ERROR, (failure.kind, failure.detail, failure.hint, failure.traceback))
        sys.exit(0)
    finally:
        loading = False


def serve(channel, application, settings, outbox, bell, debugger=None):
    """Serve calls until the server says QUIT."""
    worker = make_worker(channel, application, settings, outbox, bell)
    if settings["lint"]:
        from glass_worker.lint import watched_calls

        worker.call_type = watched_calls(channel)
    if debugger is not None:
        from glass_worker.debug_call import watch

        watch(worker, debugger)
        worker.is_debugged = True
    ending.is_serving = True
    try:
        if settings["threads"] == 1:
            worker.serve_inline()
        else:
            worker.serve_with_threads(settings["threads"])
    finally:
        ending.is_serving = False


def make_worker(channel, application, settings, outbox, bell):
    if outbox is not None:
        from glass_worker.outbox import Outbox

        channel.outbox = Outbox(outbox, bell)
    return Worker(channel, application, settings["window"])


def tell(channel, kind, values):
    payload = dumps(values, 2)
    channel.send([HEADER.pack(len(payload), 0, kind), payload], HEADER.size + len(payload))


def start_debugger(lifeline, application, settings):
    global on_order
    from glass_worker.debug_call import start

    debugger = start(lifeline, application, settings["pythonpath"])
    on_order = debugger.order
    return debugger


def set_up(settings):
    for stream in sys.stdout, sys.stderr:
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    for name, value in settings["environment"]:  # what only the interpreter's own start needed
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if not os.environ.get("PYTHONBREAKPOINT"):
        sys.breakpointhook = report.tell_breakpoint
    sys.argv = [settings["application"]]
    sys.path[:0] = [os.getcwd()] + [os.path.abspath(entry) for entry in settings["pythonpath"]]


def show_title(title):
    """On Linux, write the title over the command line, where ps looks for it (proc_pid_stat(5), fields 48 and 49)."""
    try:
        with open("/proc/self/stat", "rb") as stat:
            fields = stat.read().rpartition(b") ")[2].split()
        start, end = int(fields[45]), int(fields[46])
        text = os.fsencode(title)[: end - start - 1]
        with open("/proc/self/mem", "r+b", 0) as memory:
            memory.seek(start)
            memory.write(text.ljust(end - start, b"\0"))
    except (OSError, ValueError, IndexError):
        pass  # the title is the last argument, too


# ---- the lifeline


def watch_server(lifeline, channel):
    """Wait in a thread for the end of the lifeline, which the server holds open as long as it lives."""
    global main_thread
    from _thread import get_ident

    main_thread = get_ident()

    def watch():
        signals.keep_out()
        while True:
            order = lifeline.recv(1)
            if not order:
                break
            if order == b".":
                ears_closed.release()
                return
            if order == b"?":
                tell_where(channel)
            elif order == b"x":
                ending.leave()
            elif on_order is not None:
                on_order()
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, 9)  # the processes that the application started go with us
        os._exit(0)

    start_new_thread(watch, ())


def tell_where(channel):
    frames = sys._current_frames()
    if loading:
        stack = report.stack_text(frames[main_thread])
        detail = "%s was still being imported when the time was up (--start-timeout)" % sys.argv[0]
        hint = "look at the last line below: what does it wait for? Serving belongs to the server, not into the module"
        if not stack:
            hint = "none of its lines had run yet: --start-timeout gives it longer"
        tell(channel, LOAD_ERROR, ("timeout", detail, hint, stack))
        return
    for frame in frames.values():
        number = call_of(frame)
        if number:
            tell(channel, WHERE, (number, report.innermost_line(frame), report.stack_text(frame)))


def call_of(frame):
    """The number of the call that a thread has in hand, or None."""
    while frame is not None:
        if frame.f_code is Call.run.__code__:
            return frame.f_locals["self"].number
        frame = frame.f_back
    return None


# ---- serving


class Worker:
    call_type = Call
    is_debugged = False

    def __init__(self, channel, application, window):
        self.channel = channel
        self.application = application
        self.window = window
        self.own = {  # PEP 3333 "environ Variables": those that are the same in every request
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.file_wrapper": FileWrapper,
            "wsgi.input_terminated": True,
        }
        self.constants = self.own  # and those that the server takes for constant
        self.kept = {}  # place: an environ, but for wsgi.input
        self.spare = None  # an Express that can be used again

    def keep(self, payload):
        """Take CONSTANTS, which the next requests share. A dict is never changed: a request may be at it."""
        self.constants = {**self.own, **loads(payload)}

    def serve(self, number, payload, constants, mailbox):
        call = self.call_type(self.channel, mailbox, number, self.window)
        size = U32.unpack_from(payload, 1)[0]
        if size > len(payload) - 5:
            breach("an environ longer than its frame")
        environ = constants.copy()
        environ |= loads(payload[5 : 5 + size])
        if payload[0] & BODY_FOLLOWS:
            environ["wsgi.input"] = BufferedReader(RequestBody(call), 64 * 1024)
        else:
            environ["wsgi.input"] = BytesIO(payload[5 + size :])
        application = self.application
        if signals.application_has_some:
            application = released(application)
        self.run(call, application, environ)

    def run(self, call, application, environ):
        traced, profiled = gettrace(), getprofile()
        call.run(application, environ)
        if gettrace() is not traced and not self.is_debugged:  # what a request left behind
            settrace(traced)
        if getprofile() is not profiled:
            setprofile(profiled)

    def serve_kept(self, number, payload, mailbox):
        """Serve KEPT."""
        place, _, size = KEPT_HEAD.unpack_from(payload)
        end = KEPT_HEAD.size + size
        if end > len(payload):
            breach("an environ longer than its frame")
        base = self.constants.copy()
        base |= loads(payload[KEPT_HEAD.size : end])
        self.kept[place] = base
        environ = base.copy()
        environ["wsgi.input"] = BytesIO(payload[end:])
        self.express(number, environ, mailbox)

    def serve_again(self, number, places, mailbox):
        """Serve AGAIN: as many calls as there are places."""
        last = len(places) - U32.size
        for at in range(0, len(places), U32.size):
            environ = self.kept[U32.unpack_from(places, at)[0]].copy()
            environ["wsgi.input"] = BytesIO()
            self.channel.more = at < last
            self.express(number, environ, mailbox)
            if ending.wanted:
                return
            number += 1

    def serve_target(self, number, payload, mailbox):
        """Serve TARGET."""
        place, size = PLACE_AND_SIZE.unpack_from(payload)
        target = payload[PLACE_AND_SIZE.size :].decode("latin-1")
        environ = self.kept[place].copy()
        environ["PATH_INFO"], environ["QUERY_STRING"], environ["REQUEST_URI"] = target[:size], target[size + 1 :], target
        environ["wsgi.input"] = BytesIO()
        self.express(number, environ, mailbox)

    def express(self, number, environ, mailbox):
        call, self.spare = self.spare, None
        if call is None:
            call = Express(self.channel, mailbox, number, self.window)
            call.baseline = call.references()
        call.number = number
        application = self.application
        if signals.application_has_some:
            application = released(application)
        call.run(application, environ)
        if gettrace() is not self.traced:  # what a request left behind
            settrace(self.traced)
        if getprofile() is not self.profiled:
            setprofile(self.profiled)
        if call.is_simple and call.references() == call.baseline:
            call.reset()
            self.spare = call

    def serve_inline(self):
        """One thread: the application runs in the main thread, where signal handlers work, and the thread that runs
        it also reads the channel."""
        self.begin_inline()
        while self.serve_frame(self.mailbox.next()):
            pass

    def begin_inline(self):
        self.mailbox = Inline(self.channel)
        self.traced, self.profiled = gettrace(), getprofile()

    def serve_ready(self):
        """The same for what has come. False: the server said QUIT."""
        while True:
            frame = self.mailbox.next(False)
            if frame is None:
                return True
            if not self.serve_frame(frame):
                return False

    def serve_frame(self, frame):
        """False: nothing more is to be served."""
        kind, number, payload = frame
        if kind == REQUEST:
            self.serve(number, payload, self.constants, self.mailbox)
        elif kind == AGAIN:
            self.serve_again(number, payload, self.mailbox)
        elif kind == TARGET:
            self.serve_target(number, payload, self.mailbox)
        elif kind == KEPT:
            self.serve_kept(number, payload, self.mailbox)
        elif kind == CONSTANTS:
            self.keep(payload)
        elif kind == QUIT:
            return False
        return not ending.wanted

    def serve_with_threads(self, threads):
        """Several threads: the main thread reads the channel and hands on, the others run the application."""
        requests, mailboxes = SimpleQueue(), {}
        most = 2 * threads  # a call that has ended may still be here when its successor comes

        def work():
            while True:
                number, payload, constants = requests.get()
                try:
                    self.serve(number, payload, constants, mailboxes[number])
                except BaseException:  # ours: the application's own end in Call.run
                    if ending.wanted:
                        return
                    sys.excepthook(*sys.exc_info())
                    os._exit(1)
                del mailboxes[number]

        start_threads(threads, work)
        while True:
            if signals.application_has_some:
                signals.let_in(None if self.channel.has_more() else self.channel.sock)
            kind, number, payload = frame = self.channel.receive()
            if kind == REQUEST:
                if number in mailboxes or len(mailboxes) >= most:
                    breach("a request that we did not have room for")
                mailboxes[number] = Queued(SimpleQueue())
                requests.put((number, payload, self.constants))
            elif kind == CONSTANTS:
                self.keep(payload)
            elif kind == QUIT:
                return
            else:
                mailbox = mailboxes.get(number)
                if mailbox is not None:  # else the call has ended meanwhile
                    mailbox.put(frame)


def released(application):
    """The application after the signals are let in again that serve() keeps out of our own code."""

    def call(environ, start_response):
        signals.release()
        return application(environ, start_response)

    return call


def start_threads(count, work):
    """Start the threads that run the application. They are the system's threads even where gevent or eventlet have put
    their own in the place of Python's: those would run only while the main thread, which reads the channel, lets them."""
    threading = report.standard("threading")
    is_patched = threading.Thread.start.__globals__.get("_start_new_thread", start_new_thread) is not start_new_thread
    for index in range(count):
        if is_patched:
            start_new_thread(work, ())
        else:
            threading.Thread(target=work, name="glass-%d" % (index + 1), daemon=True).start()
