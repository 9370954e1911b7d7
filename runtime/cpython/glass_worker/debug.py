"""The debugger in a worker: the messages to and from the server.

They travel over the lifeline: to us `d`, length (4 bytes, little-endian), JSON; from us length and JSON. The thread
that waits for the lifeline's end reads them, so a debugger that nobody uses costs nothing. Messages to us:

    attach; detach                                  watch lines, or watch no more
    go        call how first free                   a call in lock-step goes on after the server has seen its event
    pause     call                                  stop it at its next line
    breakpoints id points filters                   replace all; the answer says where each has come to lie
    stack     id call                               of a call that runs, or is stopped
    source    id file; lines id file                text of a file; its lines that have code
    resume    call how                              of a call that is stopped; so are:
    scopes    id call frame; children id call reference start count
    evaluate  id call frame text; set id call reference name text
    interrupt call                                  end the expression that is being evaluated

From us: {"event": "stopped" ...}, {"event": "output" ...}, {"event": "errors" ...}, {"event": "said" ...},
{"event": "followed" ...}, {"answer": id, "result" or "error": ...}.
"""

import os
import sys
from _queue import SimpleQueue
from _thread import allocate_lock

from glass_worker import debug_values as values
from glass_worker.channel import U32
from glass_worker.report import one_line, printable, standard

json = standard("json")

MAX_MESSAGE = 1024 * 1024  # bytes, in either direction


class Link:
    def __init__(self, sock):
        self.sock = sock
        self.sending = allocate_lock()
        self.forked = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.leave)

    def leave(self):
        self.forked = True

    def send(self, message):
        if self.forked:
            return
        text = json.dumps(message).encode()
        if len(text) > MAX_MESSAGE:
            text = json.dumps(
                {"answer": message.get("answer", 0), "error": "the answer is too long: ask for a part of it"}
            ).encode()
        with self.sending:
            self.sock.sendall(U32.pack(len(text)) + text)

    def answer(self, order, work):
        """Tell what work returns, or what it raises: whatever that is, it must not end the request."""
        try:
            message = {"answer": order["id"], "result": work()}
        except BaseException as error:
            message = {"answer": order["id"], "error": printable(one_line(error))}
        self.send(message)

    def receive(self):
        """The message after its `d`. None: the server is gone."""
        head = self.exactly(4)
        if head is None:
            return None
        size = U32.unpack(head)[0]
        if size > MAX_MESSAGE:
            return None
        text = self.exactly(size)
        return text and json.loads(text)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.sock.recv(size - len(data))
            if not more:
                return None
            data += more
        return data


class Debugger:
    """What the server orders."""

    def __init__(self, lifeline, roots):
        self.link = Link(lifeline)
        self.goes = {}  # for each call in lock-step, how it goes on
        if sys.version_info >= (3, 12):
            from glass_worker.debug_monitor import Monitor as Engine
        else:
            from glass_worker.debug_trace import Tracer as Engine
        self.engine = Engine(self.link, roots)
        self.errors = None  # Errors, as soon as there are calls to be watched

    def order(self):
        """Called by the thread of the lifeline when it has read a `d`."""
        order = self.link.receive()
        if order is None:
            return
        try:
            getattr(self, "on_" + order["command"], self.pass_on)(order)
        except BaseException:  # nothing that goes wrong here may end the thread that watches over the worker
            self.link.send({"event": "output", "call": 0, "text": "the debugger failed: " + one_line(sys.exc_info()[1])})

    def on_attach(self, order):
        self.engine.attach()
        if self.errors:
            self.errors.look()

    def on_detach(self, order):
        self.engine.detach()
        if self.errors:
            self.errors.look_away()

    def on_go(self, order):
        number = order["call"]
        if order.get("first"):
            self.goes.setdefault(number, SimpleQueue()).put(order)
        elif number in self.goes:
            self.goes[number].put(order)

    def await_go(self, number):
        """Wait until a call in lock-step may go on."""
        return self.goes.setdefault(number, SimpleQueue()).get()

    def on_pause(self, order):
        self.engine.pause(order["call"])

    def on_interrupt(self, order):
        """End an expression that does not end by itself."""
        task = self.task(order["call"])
        if task.evaluating:
            import ctypes

            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(task.ident), ctypes.py_object(KeyboardInterrupt))

    def on_breakpoints(self, order):
        self.link.answer(order, lambda: self.engine.set_breakpoints(order["points"], order["filters"]))

    def on_source(self, order):
        self.link.answer(order, lambda: values.source_of(order["file"]))

    def on_lines(self, order):
        self.link.answer(order, lambda: values.lines_of(order["file"]))

    def on_stack(self, order):
        def stack():
            task = self.task(order["call"])
            frames = task.stack or values.frames_of(sys._current_frames().get(task.ident), self.engine.outermost)
            return values.describe(frames, self.engine.is_own)

        self.link.answer(order, stack)

    def task(self, number):
        for task in list(self.engine.tasks.values()):
            if task.number == number:
                return task
        raise LookupError("the application is not running in this request")

    def pass_on(self, order):
        """To the thread that is stopped."""
        try:
            task = self.task(order["call"])
            if task.stack is None:
                raise LookupError("the application is not stopped")
        except LookupError as error:
            if "id" in order:
                self.link.send({"answer": order["id"], "error": str(error)})
            return
        task.orders.put(order)
