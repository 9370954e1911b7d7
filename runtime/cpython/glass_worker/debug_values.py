"""Values, source and stacks as a debugger shows them."""

import os
import stat
import sys

from glass_worker.report import OURS, standard

MOST_FRAMES = 200
MOST_CHILDREN = 1000  # of a value in one answer; the others are asked for with a start
REPR = 2000  # characters
MOST_SOURCE = 1 << 20  # bytes of a file
HIDDEN = (OURS, "<frozen importlib", "<string>")

reprlib = standard("reprlib")
linecache = standard("linecache")

shortener = reprlib.Repr()
shortener.maxlist = shortener.maxtuple = shortener.maxset = shortener.maxdict = shortener.maxdeque = 50
shortener.maxstring = shortener.maxother = shortener.maxlong = REPR


def text_of(value):
    """Its repr, whatever that does: it is the application's code."""
    try:
        text = shortener.repr(value)
    except BaseException as error:
        return "<repr raised %s>" % type(error).__name__
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= REPR else text[: REPR - 1] + "…"


# ---- frames


def name_of(code):
    return getattr(code, "co_qualname", code.co_name)


def line_text(frame, line):
    return linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()


def is_hidden_file(file):
    return file.startswith(HIDDEN)


def is_hidden(code):
    return is_hidden_file(code.co_filename)


def frames_of(frame, last=None):
    """The frames of a thread from the innermost on, to the one whose code is last. Without the worker's own."""
    frames = []
    while frame is not None and frame.f_code is not last and len(frames) < MOST_FRAMES:
        if not is_hidden(frame.f_code):
            frames.append((frame, frame.f_lineno))
        frame = frame.f_back
    return frames


def frames_of_error(error):
    """The frames that an exception went through, the innermost first, with the lines at which it did."""
    frames, step = [], error.__traceback__
    while step is not None:
        if not is_hidden(step.tb_frame.f_code):
            frames.append((step.tb_frame, step.tb_lineno))
        step = step.tb_next
    return frames[::-1][:MOST_FRAMES]


def describe(frames, is_own):
    return [
        {"id": index + 1, "name": name_of(frame.f_code), "file": frame.f_code.co_filename, "line": line,
         "library": not is_own(frame.f_code), "text": line_text(frame, line)}
        for index, (frame, line) in enumerate(frames)
    ]  # fmt: skip


# ---- variables


class Scope:
    """The variables of a frame."""

    def __init__(self, frame, names, before):
        self.frame, self.names, self.before = frame, names, before


def children_of(value):
    """What a value is made of: pairs of a name and a value."""
    if isinstance(value, Scope):
        return [(name, value.names[name]) for name in list(value.names)]
    if isinstance(value, dict):
        return [(text_of(key), item) for key, item in list(value.items())]
    if isinstance(value, (list, tuple)):
        return [(str(index), item) for index, item in enumerate(list(value))]
    if isinstance(value, (set, frozenset)):
        return [(str(index), item) for index, item in enumerate(list(value))]
    pairs = [(str(name), item) for name, item in list((getattr(value, "__dict__", None) or {}).items())]
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            try:
                pairs.append((name, object.__getattribute__(value, name)))
            except AttributeError:
                pass
    return pairs


PLAIN = (str, bytes, int, float, complex, bool, type(None), type(NotImplemented))


def count_of(value):
    """How many children a value has, without a look at them."""
    if type(value) in PLAIN:
        return 0
    try:
        if isinstance(value, (dict, list, tuple, set, frozenset)):
            return len(value)
        return len(children_of(value))
    except BaseException:
        return 0


def set_child(value, name, new):
    """Give a member of a value a new one."""
    if isinstance(value, Scope):
        set_variable(value.frame, value.names, name, new)
    elif isinstance(value, dict):
        for key in list(value):
            if text_of(key) == name or key == name:
                value[key] = new
                return
        raise KeyError(name)
    elif isinstance(value, list):
        value[int(name)] = new
    else:
        setattr(value, name, new)


def set_variable(frame, names, name, new):
    names[name] = new
    if names is frame.f_globals:
        return
    if sys.version_info < (3, 13):  # before PEP 667, f_locals is a copy
        import ctypes

        frame.f_locals[name] = new
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))


def evaluate(text, frame):
    """The value of an expression in a frame; None for a statement, which is carried out."""
    try:
        code = compile(text.strip(), "<debugger>", "eval")
    except SyntaxError:
        names = frame.f_locals
        exec(compile(text, "<debugger>", "exec"), frame.f_globals, names)
        if sys.version_info < (3, 13) and names is not frame.f_globals:
            import ctypes

            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
        return None
    names = dict(frame.f_globals)  # one namespace: an expression with a loop in it sees no locals otherwise
    names.update(frame.f_locals)
    return eval(code, names)


# ---- source


def source_of(file):
    for path in [file] + [os.path.join(folder, file) for folder in sys.path if not os.path.isabs(file)]:
        hold_to_file(path)  # linecache looks in all these places
    linecache.checkcache(file)
    lines = linecache.getlines(file)
    if not lines:
        raise OSError("there is no source of %s" % file)
    return "".join(lines)


def hold_to_file(path):
    """Refuse what is no regular file, or too large: a FIFO would wait for a writer, and a device has no end."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return  # the source may come from a loader
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise OSError("%s is no regular file: only those are shown" % path)
    if status.st_size > MOST_SOURCE:
        raise OSError("%s has more than %d bytes: it is not shown" % (path, MOST_SOURCE))


def lines_of(file):
    """The lines that have code, in order."""
    found, todo = set(), [compile(source_of(file), file, "exec", dont_inherit=True)]
    while todo:
        code = todo.pop()
        found.update(own_lines(code))
        todo.extend(constant for constant in code.co_consts if hasattr(constant, "co_lines") or hasattr(constant, "co_code"))
    return sorted(found)


def own_lines(code):
    """The lines of a code object itself."""
    if hasattr(code, "co_lines"):
        lines = {line for _, _, line in code.co_lines() if line}
        if code.co_name != "<module>" and sys.version_info >= (3, 11):
            lines.discard(code.co_firstlineno if code.co_firstlineno not in lines_of_body(code) else 0)
        return lines
    return {line for _, line in standard("dis").findlinestarts(code)}


def lines_of_body(code):
    """co_firstlineno stands for the entry of a function; it has code of its own only where the body is on that line."""
    first = code.co_firstlineno
    return {line for start, _, line in code.co_lines() if line == first and start > 2}


class Statements:
    """Which lines belong to one statement that has no statements in it: its lines run in an order of their own."""

    def __init__(self):
        self.files = {}

    def of(self, file, line):
        """The first line of the statement."""
        if file not in self.files:
            self.files[file] = self.read(file)
        return self.files[file].get(line, line)

    def read(self, file):
        ast, lines = standard("ast"), {}
        try:
            tree = ast.parse(source_of(file))
        except (OSError, SyntaxError, ValueError):
            return lines
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and not hasattr(node, "body") and node.end_lineno > node.lineno:
                for line in range(node.lineno, node.end_lineno + 1):
                    lines[line] = node.lineno
        return lines


def real_path(file):
    return os.path.realpath(os.path.abspath(file))
