"""Who says what in a call of PEP 3333, between the server and the application: the layers of middleware that the call goes
through and what each has changed in the environ, each start_response on its way back, and what is read of wsgi.input.

A layer is a function that is called with an environ and a start_response; a start_response is one that is called with a
status and a list of header fields. They are known by the names of their parameters, as PEP 3333 has them, and by what they
are given. Told to the server while somebody looks.
"""

from io import BufferedReader, BytesIO
from time import perf_counter_ns

from glass_worker import debug_values as values

MOST = 200  # of one call
MOST_CHANGES = 30  # of one layer
LONGEST = 200  # characters of a value
SKIPPED = ("wsgi.input", "wsgi.errors")
LAYER, HEAD = "call", "start_response"


def kind_of(code):
    """What the parameters of a function say that it is; None: neither."""
    names = code.co_varnames[: code.co_argcount]
    if any(name in ("environ", "env", "environment") for name in names) and any("start_response" in name for name in names):
        return LAYER
    if "status" in names and any("headers" in name for name in names):
        return HEAD
    return None


class Conversation:
    """What is said in one call."""

    def __init__(self, engine, task):
        self.engine, self.task = engine, task
        self.began, self.said, self.frames = perf_counter_ns(), 0, set()
        self.environ = None  # texts of the environ, as the layer before had it

    def since(self):
        """Nanoseconds since the call."""
        return perf_counter_ns() - self.began

    def begins(self, frame, kind):
        """A function begins that may be a part of it."""
        if id(frame) in self.frames:  # a generator goes on
            return
        found = frame.f_locals
        given = [found.get(name) for name in frame.f_code.co_varnames[: frame.f_code.co_argcount]]
        if kind == LAYER:
            environ = next((v for v in given if isinstance(v, dict) and "wsgi.version" in v), None)
            if environ is not None:
                self.frames.add(id(frame))
                self.tell(kind, frame, changed=self.changes(environ))
            return
        status = next((v for v in given if isinstance(v, str) and v[:3].isdigit()), None)
        headers = next((v for v in given if isinstance(v, list)), None)
        if status is not None and headers is not None:
            fields = [[str(f[0])[:LONGEST], str(f[1])[:LONGEST]] for f in headers[:50] if isinstance(f, tuple) and len(f) == 2]
            self.tell(kind, frame, text=status[:LONGEST], headers=fields)

    def changes(self, environ):
        """What is new or other than in the layer before: [name, before, after]; None stands for nothing."""
        now = {k: values.text_of(v)[:LONGEST] for k, v in list(environ.items()) if isinstance(k, str) and k not in SKIPPED}
        before, self.environ = self.environ, now
        if before is None:
            return []
        names = [name for name in now if before.get(name) != now[name]] + [name for name in before if name not in now]
        return [[name, before.get(name), now.get(name)] for name in names[:MOST_CHANGES]]

    def tell(self, what, frame, **more):
        if self.said >= MOST:
            return
        self.said += 1
        message = {"event": "said", "call": self.task.number, "what": what, "after": self.task.events, "ns": self.since()}
        if frame is not None:
            code = frame.f_code
            message.update(function=values.name_of(code), file=code.co_filename, line=code.co_firstlineno, library=not self.engine.is_own(code))
            below = frame.f_back
            if below is not None and not values.is_hidden(below.f_code):
                message["by"] = [below.f_code.co_filename, below.f_lineno, values.name_of(below.f_code)]
        self.engine.link.send(dict(message, **more))

    def listen(self, stream):
        """To what is read of a stream of ours. Iteration is not heard."""
        if type(stream) not in (BytesIO, BufferedReader):
            return
        for name in ("read", "read1", "readline", "readlines"):
            if hasattr(type(stream), name):
                setattr(stream, name, self.heard(name, getattr(stream, name)))

    def heard(self, name, method):
        def heard(*arguments):
            got = method(*arguments)
            at = self.engine.own_line(self.task)
            size = sum(map(len, got)) if isinstance(got, list) else len(got)
            text = "%s(%s)" % (name, ", ".join(map(repr, arguments))[:LONGEST])
            by = {"by": [at[0].co_filename, at[1], values.name_of(at[0])]} if at else {}
            self.tell("read", None, text=text, size=size, **by)
            return got

        return heard
