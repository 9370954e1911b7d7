"""What a debugger decides: where a call stops, and what its stopped thread does for the one who looks.

debug_monitor.py and debug_trace.py tell it of lines, returns and exceptions, each in the way of its Python. A call that
is stopped waits in its own thread, so what is evaluated there sees the thread's own variables.
"""

import os
import sys
from _queue import SimpleQueue
from _thread import allocate_lock, get_ident

from glass_worker import debug_contract as contract
from glass_worker import debug_values as values
from glass_worker.report import one_line, printable

RUN, IN, LIBRARY, FRAME = "run", "in", "library", "frame"
MOST_KINDS = 10_000  # code objects whose kind is known
MOST_KEPT, LONGEST_KEPT = 50, 200  # variables of a moment that is recorded, and characters of each
PACKAGES = ("site-packages", "dist-packages")
STANDARD = values.real_path(os.path.dirname(os.__file__)) + os.sep


class Task:
    """One call of the application, on its thread."""

    def __init__(self, number, ident):
        self.number, self.ident = number, ident
        self.mode = RUN  # where to stop: IN the next line of the application, LIBRARY any next line, FRAME the next of frame
        self.frame = None
        self.reason = "step"
        self.left = False  # a step has led out of the application
        self.evaluating = False
        self.busy = False  # the debugger itself is at work on this thread, or an expression of its user's
        self.orders = SimpleQueue()
        self.stack = None  # frames and lines, while it is stopped
        self.references = []  # values that were shown in this stop
        self.shown = {}  # texts of the variables of a frame at its latest two stops
        self.last = None  # frame, statement and instruction of the latest stop
        self.error = None  # the exception that it last stopped for
        self.failed = None  # tells of an exception that the application does not catch
        self.events = 0  # that the server has been told of: start_response, the iterable, blocks
        self.conversation = None  # debug_contract.Conversation
        self.trail = None  # debug_environ.Trail
        self.returned = None  # the line at which the callable returned
        self.own = None  # that of the latest return of the application's own code: of a view, below a framework
        self.history = None  # the frame that belongs to it, with its line, for a rule that turns out to be broken later


class Engine:
    """The part that is the same for all Pythons. arm, disarm, refresh, attach and detach are those of a subclass."""

    def __init__(self, link, roots):
        self.link = link
        self.roots = tuple(values.real_path(root).rstrip(os.sep) + os.sep for root in roots)
        self.tasks = {}  # by thread
        self.lines = {}  # breakpoints, by real path and line
        self.filters = frozenset()  # "uncaught", "raised", "rule"
        self.attached = False
        self.stepping = False  # somebody takes a step, as of the last refresh
        self.own, self.paths = {}, {}
        self.kinds = {}  # by code: whether it may be a part of the conversation of PEP 3333
        self.statements = values.Statements()
        self.changing = allocate_lock()
        self.told_outside = False
        self.outermost = None  # the code below which frames are the worker's

    # ---- whose code it is

    def is_own(self, code):
        file = code.co_filename
        own = self.own.get(file)
        if own is None:
            own = self.own[file] = self.is_own_file(file)
        return own

    def is_own_file(self, file):
        if file.startswith("<") or values.is_hidden_file(file):
            return False
        path = self.path_of(file)
        if not path.startswith(self.roots) or any(name in path.split(os.sep) for name in PACKAGES):
            return False
        return not path.startswith(STANDARD) or any(root.startswith(STANDARD) for root in self.roots)

    def path_of(self, file):
        path = self.paths.get(file)
        if path is None:
            path = self.paths[file] = values.real_path(file)
        return path

    def own_line(self, task):
        """The line of the application's own code that is at work on this thread; below a framework it may be none, and
        then it is that of its latest return. None: there is neither."""
        for frame, line in values.frames_of(sys._getframe(1), self.outermost):
            if self.is_own(frame.f_code):
                return frame.f_code, line
        return task.own

    # ---- the life of a call

    def begin(self, number):
        task = self.tasks[get_ident()] = Task(number, get_ident())
        return task

    def end(self, task):
        del self.tasks[task.ident]
        if task.mode != RUN:
            task.mode = RUN
            self.change()

    def change(self, then=None):
        """Ask Python for what is needed from now on."""
        with self.changing:
            if then is not None:
                then()
            self.stepping = any(task.mode != RUN for task in list(self.tasks.values()))
            self.refresh()

    # ---- what Python tells

    def at_line(self, code, line, frame):
        """A line is about to run. False: nobody wants to hear of this line as long as nothing changes."""
        task = self.tasks.get(get_ident())
        points = self.points(code).get(line, ())
        if task is None:
            if points:
                self.hit_outside(code, line)
        elif not task.busy:
            task.busy = True
            try:
                self.decide(task, code, line, frame, points)
            finally:
                task.busy = False
        return bool(points) or self.stepping

    def decide(self, task, code, line, frame, points):
        for point in points:
            if self.is_due(point, frame, task):
                self.stop(task, values.frames_of(frame, self.outermost), "breakpoint", breakpoint=point["id"])
                return
        if task.mode == RUN or not self.step_ends(task, code, frame):
            return
        if not self.is_same_statement(task, frame, line):
            self.stop(task, values.frames_of(frame, self.outermost), task.reason)

    def is_same_statement(self, task, frame, line):
        """The lines of a statement that goes over several come in an order of their own, and more than once: one stop
        is enough. In another run of a loop, the instructions begin anew."""
        statement, file = self.statements.of(frame.f_code.co_filename, line), frame.f_code.co_filename
        long = self.statements.of(file, statement + 1) == statement
        return long and task.last is not None and task.last[:2] == (frame, statement) and frame.f_lasti > task.last[2]

    def step_ends(self, task, code, frame):
        if task.mode == FRAME:
            return frame is task.frame
        return self.is_own(code) or task.mode == LIBRARY and not values.is_hidden(code)

    def at_leave(self, frame):
        """A frame is about to be left: by return, yield or an exception."""
        task = self.tasks.get(get_ident())
        if task is not None and not task.busy and task.mode == FRAME and frame is task.frame:
            self.step_out(task, frame)

    def kind_of(self, code):
        kind = self.kinds.get(code, "")
        if kind == "":
            if len(self.kinds) > MOST_KINDS:  # a program that writes programs
                self.kinds.clear()
            kind = self.kinds[code] = None if values.is_hidden(code) else contract.kind_of(code)
        return kind

    def at_begin(self, frame):
        """A function begins that may be a layer of middleware, or a start_response of one."""
        task = self.tasks.get(get_ident())
        if task is None or task.busy or task.conversation is None:
            return
        task.busy = True
        try:
            task.conversation.begins(frame, self.kind_of(frame.f_code))
        finally:
            task.busy = False

    def at_return(self, frame, result):
        """A frame is about to be left by return."""
        task = self.tasks.get(get_ident())
        if task is None or task.busy:
            return
        code, line = frame.f_code, frame.f_lineno
        if code is self.callable:
            task.returned = code, line
        if self.is_own(code):
            task.own = code, line
            if task.trail is not None:
                task.trail.returned(frame, result)
        if "rule" in self.filters and (self.is_own(code) or task.history is None):
            task.history = frame, line

    def step_out(self, task, frame):
        """Go on in the nearest frame of the application below, or say that there is none."""
        below = frame.f_back
        while below is not None and not self.is_own(below.f_code):
            below = below.f_back
        if below is None:
            task.mode, task.frame, task.left = IN, None, True
        else:
            task.mode, task.frame = FRAME, below
            self.arm(below.f_code)

    def at_raise(self, frame, error):
        task = self.tasks.get(get_ident())
        if task is None or task.busy or not self.is_own(frame.f_code) or task.error is error:
            return
        if isinstance(error, (StopIteration, GeneratorExit)):
            return
        task.busy = True
        try:
            task.error = error
            self.stop(task, values.frames_of(frame, self.outermost), "exception", text=one_line(error))
        finally:
            task.busy = False

    # ---- breakpoints

    def points(self, code):
        return self.lines.get(self.path_of(code.co_filename), {}) if self.lines else {}

    def set_breakpoints(self, points, filters):
        """Replace all breakpoints. Return what became of each: its line, or why there is none."""
        found, lines = [], {}
        for point in points:
            try:
                file = values.real_path(point["file"])
                line = self.place(point, file)
                if point.get("condition"):
                    point["code"] = compile(point["condition"].strip(), "<condition>", "eval")
                lines.setdefault(file, {}).setdefault(line, []).append(point)
                found.append({"id": point["id"], "line": line, "file": file})
            except (OSError, ValueError, SyntaxError) as error:
                found.append({"id": point["id"], "message": one_line(error)})
        self.lines, self.filters = lines, frozenset(filters)
        self.change(self.disarm)
        return found

    def place(self, point, file):
        for line in values.lines_of(file):
            if line >= point["line"]:
                point["count"] = 0
                return line
        raise ValueError("there is no code from line %d on" % point["line"])

    def is_due(self, point, frame, task):
        """Count a hit. An error in a condition is told, and stops nothing."""
        try:
            if "code" in point and not eval(point["code"], frame.f_globals, frame.f_locals):
                return False
        except BaseException as error:
            self.tell(task, "the condition of the breakpoint at line %d raised %s" % (frame.f_lineno, one_line(error)))
            return False
        point["count"] += 1
        if not is_hit(point.get("hits", ""), point["count"]):
            return False
        if point.get("log"):
            self.tell(task, fill_in(point["log"], frame))
            return False
        return True

    def hit_outside(self, code, line):
        if not self.told_outside:
            self.told_outside = True
            self.tell(None, "%s:%d was reached outside of any request, or in one that began before somebody looked: not stopped" % (code.co_filename, line))

    def tell(self, task, text):
        self.link.send({"event": "output", "call": task.number if task else 0, "text": printable(text)})

    # ---- stopped

    def stop(self, task, frames, reason, **details):
        """Wait in the thread of the call until somebody lets it go on."""
        if not self.attached or not frames:
            return
        task.mode, task.frame, task.left, task.reason = RUN, None, False, "step"
        self.change()
        frame, line = frames[0]
        task.stack, task.references = frames, []
        task.last = frame, self.statements.of(frame.f_code.co_filename, line), frame.f_lasti
        self.remember(task, frames)
        stack = values.describe(frames, self.is_own)
        now = self.values_of(task, frame)
        if task.trail is not None:
            task.trail.tell()
        self.link.send(dict(details, event="stopped", call=task.number, reason=reason, stack=stack, values=now))
        while True:
            order = task.orders.get()
            if order["command"] == "resume":
                break
            self.link.answer(order, lambda: getattr(self, "do_" + order["command"])(task, order))
        task.stack, task.references = None, []
        self.resume(task, order["how"], frame if details.get("live", True) else None)

    def let_all_go(self):
        """For detach."""
        self.lines, self.filters = {}, frozenset()
        for task in list(self.tasks.values()):
            task.mode = RUN
            if task.stack is not None:
                task.orders.put({"command": "resume", "how": ""})

    def resume(self, task, how, frame):
        """Take a step. frame is where the thread stands, or None where its frames are history."""
        task.left = False
        if how == "stage" or not how or how == RUN:
            task.mode = RUN
        elif frame is None and how not in (IN, LIBRARY):
            task.mode, task.left = IN, True
        elif how == "over":
            task.mode, task.frame = FRAME, frame
        elif how == "out":
            self.step_out(task, frame)
            if task.left:  # the server knows when the application is left
                task.mode, task.left = RUN, False
        else:
            task.mode, task.last = how, task.last if how == IN else None
        if task.mode != RUN:
            self.arm_stack(frame or sys._getframe(1))
        self.change()

    def arm_stack(self, frame):
        while frame is not None:
            if self.is_own(frame.f_code):
                self.arm(frame.f_code)
            frame = frame.f_back

    def pause(self, number):
        """Called from another thread."""
        for task in list(self.tasks.values()):
            if task.number == number and task.stack is None:
                task.mode, task.reason, task.last = IN, "pause", None
                self.arm_stack(sys._current_frames().get(task.ident))
                self.change()

    # ---- what the one who looks asks for, on the thread that is stopped

    def remember(self, task, frames):
        """Keep the texts of the variables, so that the next stop shows which have changed."""
        frame, names = frames[0][0], frames[0][0].f_locals
        now = {name: values.text_of(names[name]) for name in list(names)[:100]} if names is not frame.f_globals else {}
        kept = {other: task.shown[other] for other, _ in frames if other in task.shown}
        kept[frame] = kept.get(frame, (None, None))[1], now
        task.shown = kept

    def values_of(self, task, frame):
        """The variables of the frame where it is stopped, shortened: what is left of this moment when it has passed."""
        before, now = task.shown.get(frame, (None, {}))
        kept = list(now.items())[:MOST_KEPT]
        return [{"name": name, "text": text[:LONGEST_KEPT], "changed": (before or {}).get(name) != text} for name, text in kept]

    def refer(self, task, value):
        task.references.append(value)
        return len(task.references)

    def do_scopes(self, task, order):
        frame, _ = task.stack[order["frame"] - 1]
        before = task.shown.get(frame, (None,))[0]
        scopes = []
        if frame.f_locals is not frame.f_globals and frame.f_code.co_name != "<module>":
            scopes.append({"name": "Locals", "reference": self.refer(task, values.Scope(frame, frame.f_locals, before))})
        reference = self.refer(task, values.Scope(frame, frame.f_globals, None))
        return scopes + [{"name": "Globals", "reference": reference, "expensive": True}]

    def do_children(self, task, order):
        value = task.references[order["reference"] - 1]
        pairs = values.children_of(value)
        start, count = order.get("start", 0), order.get("count", 0) or values.MOST_CHILDREN
        before = value.before if isinstance(value, values.Scope) else None
        return [self.show(task, name, item, before) for name, item in pairs[start : start + min(count, values.MOST_CHILDREN)]]

    def show(self, task, name, value, before=None):
        count, text = values.count_of(value), values.text_of(value)
        return {
            "name": name, "text": text, "type": type(value).__name__, "count": count, "editable": True,
            "reference": self.refer(task, value) if count else 0,
            "changed": before is not None and before.get(name) != text,
        }  # fmt: skip

    def do_evaluate(self, task, order):
        frame, _ = task.stack[order["frame"] - 1]
        task.evaluating = True
        try:
            return self.show(task, order["text"], values.evaluate(order["text"], frame))
        finally:
            task.evaluating = False

    def do_set(self, task, order):
        value = task.references[order["reference"] - 1]
        frame = value.frame if isinstance(value, values.Scope) else task.stack[0][0]
        task.evaluating = True
        try:
            new = values.evaluate(order["text"], frame)
        finally:
            task.evaluating = False
        values.set_child(value, order["name"], new)
        return self.show(task, order["name"], new)


def is_hit(hits, count):
    """hits is "3", ">=3", ">3" or "%3"; the server has looked at it."""
    hits = hits.replace(" ", "")
    number = int(hits.lstrip("=>%") or 0)
    if hits.startswith(">="):
        return count >= number
    if hits.startswith(">"):
        return count > number
    if hits.startswith("%"):
        return count % number == 0
    return not hits or count == number


def fill_in(text, frame):
    """The text of a log point: {EXPRESSION} stands for its value."""
    out = []
    while True:
        before, brace, rest = text.partition("{")
        out.append(before)
        if not brace:
            return "".join(out)
        expression, closed, text = rest.partition("}")
        if not closed:
            return "".join(out) + brace + rest
        try:
            value = values.evaluate(expression, frame)
            out.append(value if isinstance(value, str) else values.text_of(value))
        except BaseException as error:
            out.append("<%s>" % one_line(error))
