"""Applications under the stepper, and a user who answers from a list."""

import sys

import glass_course

FILE, LIBRARY = "app.py", "library.py"
SOURCE = """
def page_{random}(names):
    text = ""
    for name in names:
        text += loud(name)
    return text


def loud(name):
    double = twice(name)
    return double + "!"


def fails(names):
    try:
        return inner(names)
    except KeyError:
        return "none"


def inner(names):
    there = found(names)
    return names["{random}"]


def fragile(name):
    return attribute(name)
"""
HELPERS = """
def twice(name):
    text = name * 2
    return text


def found(names):
    try:
        return names["x"]
    except KeyError:
        return None


def attribute(name):
    return name.nothing
"""


def check(name, random):
    stepper = glass_course.load("stepper.py")
    module = {}
    exec(compile(HELPERS, LIBRARY, "exec"), module)
    exec(compile(SOURCE.replace("{random}", random), FILE, "exec"), module)
    page = module["page_" + random]
    if name == "breakpoint":
        return run(stepper, {11}, [], lambda: page(["a", random]))
    if name == "quiet":
        told = count_lines()
        stops = run(stepper, {99}, [], lambda: page(["a"] * 1000))["stops"]
        return {"stops": stops, "told_of_lines": "few" if len(told) < 100 else len(told)}
    if name == "step":
        return run(stepper, {5}, ["continue", "step", "step", "step", "step"], lambda: page(["a", "b", "c"]))
    if name == "exception":
        return run(stepper, set(), [], lambda: module["fails"]({}))
    if name == "from-library":
        return run(stepper, set(), [], lambda: caught(lambda: module["fragile"](random)))
    return run(stepper, {11}, [], lambda: page(["a"]), change={"double": random})


def run(stepper, breakpoints, answers, call, change=None):
    """The stops, as texts, and what call() returned. Without an answer that is left, the user continues."""
    stops, answers = [], iter(answers)

    def ask(reason, function, line, variables):
        shown = " ".join("%s=%s" % (name, value) for name, value in variables.items() if isinstance(value, str))
        stops.append("%s %s:%d %s" % (reason, function, line, shown))
        if len(stops) > 100:
            raise RuntimeError("more than a hundred stops")
        for name, value in (change or {}).items():
            variables[name] = value
        return next(answers, "continue")

    returned = stepper.Stepper(FILE, breakpoints, ask).run(call)
    return {"stops": stops, "returned": returned}


def caught(call):
    try:
        return call()
    except AttributeError as error:
        return type(error).__name__


def count_lines():
    """Each call of the callback for lines."""
    told, register = [], sys.monitoring.register_callback

    def counting(tool, event, callback):
        def called(code, line):
            told.append(line)
            return callback(code, line)

        return register(tool, event, called if callback and event == sys.monitoring.events.LINE else callback)

    sys.monitoring.register_callback = counting
    return told
