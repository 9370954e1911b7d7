"""Who looks a variable of the environ up, and which text the application's functions had when they returned: from these the
server finds the way of a value. Told while somebody looks.

The environ stays a builtin dict with the same names and values. Its names are of a subclass of str: a dict that is asked for
a name compares it with its own, and that comparison tells who asks. Names that come out of the dict itself, as in a loop
over it, are the same object, which no dict compares.
"""

import sys

from glass_worker import debug_values as values
from glass_worker.report import standard

MOST_READS = 300  # of one call
MOST_RETURNS = 500  # of one call that are looked at
MOST_NAMES = 50  # variables of one function
LEAST_TEXT, LONGEST_TEXT = 3, 1000  # characters of one
MOST_TEXT = 64 * 1024  # characters of one call

opmap = standard("opcode").opmap
NO_LOOK_UP = frozenset(opmap[name] for name in ("STORE_SUBSCR", "DELETE_SUBSCR", "COMPARE_OP"))


class Name(str):
    """A name in an environ that tells when it is looked up. It travels as a plain str: copied, or pickled."""

    trail = None
    __hash__ = str.__hash__

    def __eq__(self, other):
        same = str.__eq__(self, other)
        trail = self.trail
        if same is True and trail is not None and trail.task is not None:
            trail.looked_up(self, sys._getframe(1))
        return same

    def __reduce__(self):
        return str, (str(self),)


class Trail:
    """What is found in one call."""

    def __init__(self, engine, task):
        self.engine, self.task = engine, task
        self.known = set()  # what has been told
        self.reads, self.texts = [], []  # what has not
        self.count = self.returns = self.size = 0

    def mark(self, environ):
        """Give the environ names that tell."""
        variables = list(environ.items())
        environ.clear()
        for name, value in variables:
            telling = Name(name)
            telling.trail = self
            environ[telling] = value

    def end(self):
        """An environ that is kept when its request is over tells nothing any more, and holds nothing."""
        self.tell()
        self.engine = self.task = None
        self.known.clear()

    def looked_up(self, name, frame):
        """Never raises: it is called by whatever the application does with the environ."""
        try:
            self.note_read(str(name), frame)
        except Exception:
            pass

    def note_read(self, name, frame):
        code = frame.f_code
        key = name, code, frame.f_lasti
        if self.task.busy or key in self.known or self.count >= MOST_READS or values.is_hidden(code):
            return
        self.known.add(key)
        if code.co_code[frame.f_lasti] in NO_LOOK_UP:
            return
        self.count += 1
        by = None
        if not self.engine.is_own(code):
            frames = values.frames_of(frame, self.engine.outermost)
            by = next((place(f.f_code, line) for f, line in frames if self.engine.is_own(f.f_code)), None)
        self.reads.append([name, place(code, frame.f_lineno), not self.engine.is_own(code), by])

    def returned(self, frame, result):
        """A function of the application's own returns: which of its variables are text?"""
        if self.returns >= MOST_RETURNS or self.size >= MOST_TEXT or frame.f_locals is frame.f_globals:
            return
        self.returns += 1
        names, code = frame.f_locals, frame.f_code
        for name, text in [(name, names[name]) for name in list(names)[:MOST_NAMES]] + [("return", result)]:
            if type(text) is bytes:
                text = text[:LONGEST_TEXT].decode("utf-8", "replace")
            if type(text) is not str or len(text) < LEAST_TEXT:
                continue
            text = text[:LONGEST_TEXT]
            if (name, code, text) not in self.known:
                self.known.add((name, code, text))
                self.size += len(text)
                self.texts.append([name, text, place(code, frame.f_lineno)])

    def tell(self):
        if self.reads or self.texts:
            reads, self.reads, texts, self.texts = self.reads, [], self.texts, []
            self.engine.link.send({"event": "followed", "call": self.task.number, "reads": reads, "texts": texts})


def place(code, line):
    return [code.co_filename, line, values.name_of(code)]
