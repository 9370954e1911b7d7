"""Where in the application it was: FILE and line, of what is outside the worker and the standard library."""

import os
import sys

from glass_worker.load import plain_function, short_path
from glass_worker.report import OURS

LIBRARY = os.path.dirname(os.__file__) + os.sep
PACKAGES = ("site-packages", "dist-packages")  # they may lie below the library, and are the application's


def is_foreign(path):
    """Is it a file of the worker, of the importer or of the standard library?"""
    if path.startswith((OURS, "<frozen ", "<string>")):
        return True
    return path.startswith(LIBRARY) and not path[len(LIBRARY) :].startswith(PACKAGES)


def of_code(code, line=None):
    return short_path(code.co_filename), line or code.co_firstlineno


def of_caller():
    """The innermost line of the application that is running now. None where there is none."""
    frame = sys._getframe(1)
    while frame is not None and is_foreign(frame.f_code.co_filename):
        frame = frame.f_back
    return frame and of_code(frame.f_code, frame.f_lineno)


def of_error(error):
    """The innermost line of the application that an exception passed."""
    place, step = None, error.__traceback__
    while step is not None:
        if not is_foreign(step.tb_frame.f_code.co_filename):
            place = of_code(step.tb_frame.f_code, step.tb_lineno)
        step = step.tb_next
    return place


def of_iterator(iterator):
    """Where an iterator stands: a generator at its yield, another one in its __next__."""
    place = None
    while iterator is not None:
        if not hasattr(type(iterator), "gi_code"):
            return place or of_function(getattr(type(iterator), "__next__", None))
        if not is_foreign(iterator.gi_code.co_filename):
            place = of_code(iterator.gi_code, iterator.gi_frame and iterator.gi_frame.f_lineno)
        iterator = iterator.gi_yieldfrom
    return place


def of_close(close):
    return of_function(getattr(close, "__func__", close))


def of_function(function):
    code = getattr(function, "__code__", None)
    return None if code is None or is_foreign(code.co_filename) else of_code(code)


def of_callable(application):
    """The first line of the application callable, where nothing better is known."""
    try:
        place = of_function(plain_function(application)[0])
    except Exception:
        place = None
    return place or (short_path(sys.argv[0].rpartition(":")[0] or sys.argv[0]), 1)
