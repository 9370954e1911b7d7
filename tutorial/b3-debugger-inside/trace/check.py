"""Applications in files that are nowhere on the disk, traced; and a count of what the tracer is told."""

import sys

import glass_course

FILE, LIBRARY = "app.py", "library.py"
LINES = """
def page_{random}(names):
    text = ""
    for name in names:
        text += twice(name)
    return text


def twice(name):
    return name * 2
"""
CALLS = """
def page_{random}(names):
    size = length(names)
    return ordered(names, last_letter)


def last_letter(name):
    return name[-1]
"""
RAISES = """
def page_{random}(names):
    return names["{random}"]
"""
HELPERS = """
def length(names):
    number = 0
    for name in names:
        number += one()
    return number


def one():
    return 1


def ordered(names, key):
    return sorted(names, key=key)
"""


def check(name, random):
    library = made(HELPERS, LIBRARY, {})
    tracer = glass_course.load("trace.py")
    if name == "exception":
        return raised(tracer, made(RAISES, FILE, {}, random), random)
    if name in ("own", "quiet"):
        page = made(CALLS, FILE, library, random)["page_" + random]
        names = ["pear", "fig"] if name == "own" else ["pear"] * 1000
        told = count_told(LIBRARY)
        seen = traced(tracer, lambda: page(names))["lines"]
        return seen if name == "own" else {kind: "once each" if 0 < n <= 3 else n for kind, n in told.items()}
    page = made(LINES, FILE, library, random)["page_" + random]
    first = traced(tracer, lambda: page(["a", "b"]))
    return traced(tracer, lambda: page(["c"])) if name == "again" else first


def made(source, file, names, random=""):
    """What a module of this source has."""
    names = dict(names)
    exec(compile(source.replace("{random}", random), file, "exec"), names)
    return names


def traced(tracer, call):
    seen = []
    returned = tracer.trace(call, FILE, seen)
    return {"returned": returned, "lines": seen}


def raised(tracer, module, random):
    """What trace does when the application fails, and whether the next debugger finds its place free."""
    seen, came = [], None
    try:
        tracer.trace(lambda: module["page_" + random]({}), FILE, seen)
    except KeyError as error:
        came = str(error.args[0])
    return {"raised": came, "lines": seen, "tool": sys.monitoring.get_tool(sys.monitoring.DEBUGGER_ID)}


def count_told(file):
    """Counts the calls of callbacks that are about code of this file, by what they tell of."""
    told, register = {"functions": 0, "lines": 0}, sys.monitoring.register_callback

    def counting(tool, event, callback):
        def called(code, *more):
            if code.co_filename == file:
                told["lines" if event == sys.monitoring.events.LINE else "functions"] += 1
            return callback(code, *more)

        return register(tool, event, callback and called)

    sys.monitoring.register_callback = counting
    return told
