"""A call of the application that can be debugged: it waits for the server after each event, and stops where an
exception leaves the application or a rule of PEP 3333 is broken."""

import marshal
import os
import sys
from _thread import get_ident

from glass_worker import contract
from glass_worker import debug_values as values
from glass_worker.channel import CHUNK, HEADER, PLACE, RETURNED, START_RESPONSE, WRITE
from glass_worker.contract import ContractError
from glass_worker.debug import Debugger
from glass_worker.debug_contract import Conversation
from glass_worker.debug_engine import Engine
from glass_worker.debug_environ import Trail
from glass_worker.debug_errors import Errors
from glass_worker.load import plain_function, short_path
from glass_worker.report import one_line

LOCK_STEP = 2  # flag of REQUEST: wait after each event until the server says go
EVENTS = (START_RESPONSE, RETURNED, CHUNK, WRITE)  # those that are waited for


class Debugged:
    """What comes before Call, or before --lint's kind of it."""

    debugger = None

    def run(self, application, environ):
        self.callee, self.iterable, self.told = application, None, None
        self.lock_step = True  # until the server says that it looks no more
        engine = self.debugger.engine
        order = self.debugger.await_go(self.number)  # behind the orders that came before it, such as to watch lines
        self.task = engine.begin(self.number)
        self.task.conversation = Conversation(engine, self.task)
        self.task.conversation.listen(environ.get("wsgi.input"))
        self.task.failed = self.failed
        self.task.trail = Trail(engine, self.task)
        self.task.trail.mark(environ)
        try:
            self.go(order)
            super().run(application if hasattr(self, "observed_by") else self.guarded, environ)
        finally:
            self.debugger.goes.pop(self.number, None)
            self.task.trail.end()
            engine.end(self.task)
            self.task = self.iterable = self.told = None

    def guarded(self, environ, start_response):
        return self.guard(self.callee, environ, start_response)

    def guard(self, callee, environ, start_response):
        try:
            self.iterable = callee(environ, start_response)
            contract.check_iterable(self.iterable)
        except BaseException as error:
            self.failed(error)
            raise
        return self.iterable

    def answer(self, iterable):
        return False  # every event is shown by itself

    def send_file(self, filelike):
        return False

    def send_body(self, iterable):
        try:
            super().send_body(iterable)
        except BaseException as error:
            self.failed(error)
            raise
        if self.left > 0 and not hasattr(self, "observed_by"):  # --lint has the same rule
            self.failed(contract.too_short(self.promised, self.promised - self.left))

    # ---- lock-step

    def emit(self, kind, payload):
        awaited = self.lock_step and kind in EVENTS
        if awaited or self.lock_step and self.task.left:
            place = marshal.dumps(self.place(kind) + (self.task.left,), 2)
            self.task.left = False
            super().emit(PLACE, place)
        self.task.trail.tell()
        super().emit(kind, payload)
        self.task.events += kind in EVENTS
        if awaited:
            self.flush()
            self.await_go()

    def await_go(self):
        self.go(self.debugger.await_go(self.number))

    def go(self, order):
        if order.get("free"):
            self.lock_step = False
        if order["how"]:
            self.debugger.engine.resume(self.task, order["how"], None if order["how"] == "run" else sys._getframe(1))

    def place(self, kind):
        """The line of the application that causes an event: file, line, function. Where that is a framework's, it is the
        line at which the application's own code, such as a view, last returned to it."""
        at = None
        if kind in (START_RESPONSE, WRITE):
            at = self.caller()
        elif kind == CHUNK:
            at = of_iterator(self.iterable)
        if at is None and kind in (RETURNED, CHUNK):
            at = self.task.returned or self.of_callable()
        if at is not None and not self.debugger.engine.is_own(at[0]):
            at = self.task.own or at
        if at is None:
            return "", 0, ""
        code, line = at
        return code.co_filename, line, values.name_of(code)

    def caller(self):
        engine = self.debugger.engine
        at = engine.own_line(self.task)
        if at is None:
            frames = values.frames_of(sys._getframe(1), engine.outermost)
            at = frames and (frames[0][0].f_code, frames[0][1])
        return at or None

    def of_callable(self):
        code = code_of(self.callee)
        return code and (code, code.co_firstlineno)

    # ---- stops of their own

    def start_response(self, *arguments, **keywords):
        try:
            return super().start_response(*arguments, **keywords)
        except ContractError as error:
            self.broke(error)
            raise
        finally:
            arguments = keywords = None  # exc_info among them holds this frame

    def write(self, data):
        try:
            super().write(data)
        except ContractError as error:
            self.broke(error)
            raise

    def broke(self, error):
        """A rule is broken by the line that called us: stop there, where its variables can be looked at."""
        self.halt("rule", error, values.frames_of(sys._getframe(2), self.debugger.engine.outermost), True)

    def failed(self, error):
        """An exception has left the application: its frames are history, and can still be looked at."""
        if isinstance(error, ContractError):
            frames = self.frames_at_fault(error)
            self.halt("rule", error, frames, False)
        else:
            self.halt("uncaught", error, values.frames_of_error(error), False)

    def frames_at_fault(self, error):
        return values.frames_of_error(error) or self.frames_behind()

    def frames_behind(self):
        """Where no frame of the application is on the stack: the generator that has yielded, or the function that has
        returned, what breaks the rule."""
        generator = frame_of_iterator(self.iterable)
        if generator is not None:
            return [(generator, generator.f_lineno)]
        return [self.task.history] if self.task.history else []

    def halt(self, reason, error, frames, live):
        engine = self.debugger.engine
        if reason not in engine.filters or self.told is error or self.task.busy:
            return
        self.told = error
        details = {"text": one_line(error), "live": live}
        if reason == "rule":
            details.update(text="%s: %s" % (error.rule, error.detail), section=error.section)
            if not frames:
                details["text"] += self.nearest()
        self.task.busy = True
        try:
            if frames:
                engine.stop(self.task, frames, reason, **details)
            else:
                engine.tell(self.task, "PEP 3333: " + details["text"])
        finally:
            self.task.busy = False

    def nearest(self):
        file, line, _ = self.place(RETURNED)
        return " (at %s:%d)" % (short_path(file), line) if file else ""


class DebuggedLint(Debugged):
    """What comes before --lint's kind of Call: a finding is a broken rule, too."""

    observed_by = "lint"

    def observed(self, environ, start_response):
        return self.guard(super().observed, environ, start_response)

    def find(self, rule, place, *occurrence):
        super().find(rule, place, *occurrence)
        from glass_worker.lint_rules import RULES

        _, section, sentence = RULES[rule]
        frames = values.frames_of(sys._getframe(1), self.debugger.engine.outermost)
        self.halt("rule", ContractError(rule, section, sentence.format(*occurrence)), frames or self.frames_behind(), bool(frames))


def code_of(application):
    try:
        function = plain_function(application)[0]
    except Exception:
        return None
    return getattr(function, "__code__", None)


def frame_of_iterator(iterator):
    """The innermost frame of generators that yield from one another."""
    frame = None
    while iterator is not None and hasattr(type(iterator), "gi_frame"):
        if iterator.gi_frame is not None and not values.is_hidden(iterator.gi_frame.f_code):
            frame = iterator.gi_frame
        iterator = iterator.gi_yieldfrom
    return frame


def of_iterator(iterator):
    frame = frame_of_iterator(iterator)
    if frame is not None:
        return frame.f_code, frame.f_lineno
    code = getattr(getattr(type(iterator), "__next__", None), "__code__", None)
    return code and (code, code.co_firstlineno)


# ---- set-up


def roots(application, pythonpath):
    """The folders of the application's own code: where it runs, what it imports from, and where its module lies."""
    folders = [os.getcwd()] + [os.path.abspath(entry) for entry in pythonpath]
    code = code_of(application)
    if code is not None and not code.co_filename.startswith("<"):
        folders.append(os.path.dirname(os.path.abspath(code.co_filename)))
    return folders


def start(lifeline, application, pythonpath):
    debugger = Debugger(lifeline, roots(application, pythonpath))
    debugger.engine.outermost = Debugged.run.__code__
    debugger.engine.callable = code_of(application)
    return debugger


def watch(worker, debugger):
    """Make those calls of a worker that the server wants in lock-step ones that can be debugged. Of others that begin while
    somebody is attached it is known which thread has them, so that they can be stopped, too; the rest pay nothing but the
    look at a flag."""
    engine = debugger.engine
    first = DebuggedLint if hasattr(worker.call_type, "observed") else Debugged
    plain, twin = worker.serve, object.__new__(type(worker))
    twin.__dict__.update(worker.__dict__)
    twin.call_type = type("DebuggedCall", (first, worker.call_type), {"debugger": debugger})

    def serve(number, payload, *more):
        if payload[0] & LOCK_STEP:
            twin.serve(number, payload, *more)
        elif engine.attached:
            task = Engine.begin(engine, number)  # and not the engine's own: lines are not looked at
            try:
                plain(number, payload, *more)
            finally:
                Engine.end(engine, task)
        else:
            plain(number, payload, *more)

    worker.serve = serve
    debugger.errors = Errors(worker.own["wsgi.errors"], debugger)
    if debugger.engine.attached:  # before there was anything to be watched
        debugger.errors.look()
    if not os.environ.get("PYTHONBREAKPOINT"):  # else its owner has said what breakpoint() is to do
        sys.breakpointhook = Hook(debugger, sys.breakpointhook)


class Hook:
    """breakpoint() in the application."""

    def __init__(self, debugger, otherwise):
        self.debugger, self.otherwise = debugger, otherwise

    def __call__(self, *arguments, **keywords):
        engine = self.debugger.engine
        task = engine.tasks.get(get_ident())
        if task is None or not engine.attached:
            return self.otherwise(*arguments, **keywords)
        if not task.busy:
            task.busy = True
            try:
                engine.stop(task, values.frames_of(sys._getframe(1), engine.outermost), "breakpoint()")
            finally:
                task.busy = False
        return None
