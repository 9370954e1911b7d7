"""Middleware between the server and an application: does it pass blocks and close() on?

The server sees the outermost callable only. Here the profiling hook of Python (sys.setprofile) looks on while that
works, and recognizes the calls of inner applications by their arguments: an environ with our wsgi.input, and a
callable. What they return, where it is written in Python, is watched: how many blocks it gives, and whether it is
closed. Nothing is wrapped or replaced. Where somebody else's profiler is at work, the hook stays away.
"""

import sys

from glass_worker.contract import kind
from glass_worker.lint_place import is_foreign, of_code
from glass_worker.lint_streams import Input

GENERATOR = 0x20  # code flag, as in the module inspect
END = object()


class Inner:
    """The iterable of an inner application."""

    def __init__(self, depth, name):
        self.depth = depth  # 0 is the outermost
        self.name = name
        self.iterable = None  # or it is a generator function, and only its frame is known
        self.taken = 0  # blocks since the iterable above it gave one
        self.is_closed = False


class Watch:
    """Looks on in each `with` block; one for each request."""

    def __init__(self, call):
        self.call = call
        self.applications = 0  # calls that were recognized
        self.calls = {}  # frame of a call that has not returned: Inner
        self.frames = {}  # frame of a generator: Inner
        self.inners = []
        self.hook = self.see

    def __enter__(self):
        for inner in self.inners:
            inner.taken = 0
        if sys.getprofile() is None:
            sys.setprofile(self.hook)

    def __exit__(self, *exception):
        if sys.getprofile() is self.hook:
            sys.setprofile(None)

    def each(self, iterator):
        while True:
            with self:
                block = next(iterator, END)
            if block is END:
                return
            yield block

    def see(self, frame, event, argument):
        """What is raised here would be raised in the application: rather see nothing more."""
        try:
            if event == "call":
                self.see_call(frame)
            elif event == "return":
                self.see_return(frame, argument)
            elif event == "c_call" and getattr(argument, "__name__", "") == "close":
                self.see_close(getattr(argument, "__self__", None))
        except Exception:
            sys.setprofile(None)

    def see_call(self, frame):
        code = frame.f_code
        if frame in self.frames or is_foreign(code.co_filename):
            return
        if code.co_name in ("__iter__", "close") and code.co_argcount:
            self.see_method(frame, frame.f_locals.get(code.co_varnames[0]))
        elif code.co_argcount in (2, 3) and is_application_call(frame.f_locals, code.co_varnames[: code.co_argcount]):
            inner = Inner(self.applications, name_of(code))
            self.applications += 1
            self.inners.append(inner)
            (self.frames if code.co_flags & GENERATOR else self.calls)[frame] = inner

    def see_method(self, frame, instance):
        if frame.f_code.co_name == "close":
            self.see_close(instance)
            return
        inner = self.inner_of(instance)
        if inner is not None and frame.f_code.co_flags & GENERATOR:
            self.frames[frame] = inner

    def see_close(self, instance):
        for inner in self.inners:
            if inner.iterable is instance:
                inner.is_closed = True

    def see_return(self, frame, value):
        if frame in self.calls:
            self.see_returned(self.calls.pop(frame), frame, value)
        elif frame in self.frames:
            self.see_block(self.frames[frame], frame, value)
        elif frame.f_code.co_name == "__next__" and frame.f_code.co_argcount:
            inner = self.inner_of(frame.f_locals.get(frame.f_code.co_varnames[0]))
            if inner is not None:
                self.see_block(inner, frame, value)

    def see_returned(self, inner, frame, value):
        if frame.f_code.co_name == "__init__":  # the callable is a class, and its instance the iterable
            value = frame.f_locals[frame.f_code.co_varnames[0]]
        known = self.inner_of(value)
        if known is not None:  # it was passed on as it is, and is the outer one's now
            known.iterable = None
        inner.iterable = value
        if hasattr(type(value), "gi_frame") and value.gi_frame is not None:
            self.frames[value.gi_frame] = inner

    def inner_of(self, iterable):
        if iterable is None:
            return None
        return next((inner for inner in self.inners if inner.iterable is iterable), None)

    def see_block(self, inner, frame, block):
        if not isinstance(block, bytes) or not block:
            return
        inner.taken += 1
        for other in self.inners:
            if other.depth > inner.depth:
                other.taken = 0
        if inner.taken > 1 and inner.depth > 0:
            self.tell(inner, frame.f_back)

    def tell(self, inner, frame):
        while frame is not None and is_foreign(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is not None:
            place = of_code(frame.f_code, frame.f_lineno)
            self.call.find("middleware: blocks held back", place, name_of(frame.f_code), inner.taken, inner.name)

    def end(self, iterable):
        """The request is done; what is not closed now never will be."""
        for inner in self.inners:
            if inner.iterable is not None and inner.iterable is not iterable and not is_done(inner):
                self.call.find("middleware: close() not passed on", None, "what %s returned" % inner.name)
        self.frames = self.calls = self.inners = ()


def is_application_call(values, names):
    """Is it a call with (environ, start_response), or with (self, environ, start_response)?"""
    environ, start_response = values.get(names[-2]), values.get(names[-1])
    return type(environ) is dict and type(environ.get("wsgi.input")) is Input and callable(start_response)


def is_done(inner):
    if hasattr(type(inner.iterable), "gi_frame"):
        return inner.iterable.gi_frame is None
    return inner.is_closed or not callable(getattr(inner.iterable, "close", None))


def name_of(code):
    return getattr(code, "co_qualname", code.co_name)
