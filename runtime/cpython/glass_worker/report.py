"""Exceptions as text. What this needs of the standard library is imported when the first exception is told."""

import sys

LIMIT = 12 * 1024  # characters of a traceback; of a longer one the two ends are kept
LINE_LIMIT = 2 * 1024  # characters of an exception's own text

OURS = "<glass worker>"
library_path = list(sys.path)  # before the application's folders come in front


def standard(name):
    """Import from the standard library, even where the application's folder holds a file of the same name."""
    path, sys.path[:] = sys.path[:], library_path
    try:
        return __import__(name)
    finally:
        sys.path[:] = path


def shorten(text, limit=LIMIT):
    return text if len(text) <= limit else text[: limit // 2] + "\n  ...\n" + text[-limit // 2 :]


def printable(text):
    return text.encode("utf-8", "backslashreplace").decode()


def one_line(error):
    """The exception's type and text, as the last line of a traceback has them."""
    try:
        lines = standard("traceback").format_exception_only(type(error), error)
        return printable(shorten(lines[-1].strip(), LINE_LIMIT))
    except BaseException:
        return type(error).__name__


def is_ours(step):
    name = step.tb_frame.f_code.co_filename
    return name.startswith(OURS) or name.startswith("<frozen importlib") or name == "<string>"


def application_part(step):
    """The traceback without the worker's and the importer's own frames at its two ends."""
    while step is not None and is_ours(step):
        step = step.tb_next
    last, walk = step, step
    while walk is not None:
        if not is_ours(walk):
            last = walk
        walk = walk.tb_next
    if last is not None:
        last.tb_next = None
    return step


def traceback_text(error):
    try:
        lines = standard("traceback").format_exception(type(error), error, application_part(error.__traceback__))
        return printable(shorten("".join(lines)))
    except BaseException as trouble:
        return "%s (its traceback could not be printed: %r)\n" % (type(error).__name__, type(trouble).__name__)


def stack_text(frame):
    """Where a thread stands now, for one that hangs."""
    return printable(shorten("".join(standard("traceback").format_list(own_steps(frame)))))


def innermost_line(frame):
    """The same in one line; "" where a thread is at nothing of the application's."""
    steps = own_steps(frame)
    if not steps:
        return ""
    last = steps[-1]
    return printable(shorten("%s, line %s: %s" % (last.filename, last.lineno, last.line), LINE_LIMIT))


def own_steps(frame):
    return [step for step in standard("traceback").extract_stack(frame)
            if not step.filename.startswith((OURS, "<frozen importlib", "<string>"))]  # fmt: skip


def tell_breakpoint(*arguments, **keywords):
    """breakpoint() where nobody looks: the request must not wait for input that cannot come."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    sys.stderr.write(
        "breakpoint() in %s, line %d: nobody is attached, so it goes on. To stop here, run glass step, "
        "or attach to glass serve --step, --inspect or --dap\n" % (frame.f_code.co_filename, frame.f_lineno))  # fmt: skip
