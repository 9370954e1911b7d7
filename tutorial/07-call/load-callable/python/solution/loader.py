"""From module:callable to the application."""

import importlib
import os
import sys


class LoadFailure(Exception):
    """kind is one of spec, module-not-found, import-missing, attribute-missing, not-callable."""

    def __init__(self, kind, detail):
        Exception.__init__(self, detail)
        self.kind = kind


def load(spec):
    """The callable that spec names, such as shop.wsgi:site.application; modules are looked for in the working directory, too."""
    module_name, _, path = spec.partition(":")
    if not module_name or not path:
        raise LoadFailure("spec", f"{spec!r} is not module:callable")
    value = import_module(module_name)
    for name in path.split("."):
        if not hasattr(value, name):
            raise LoadFailure("attribute-missing", f"{module_name} has no {path}: {name} is missing")
        value = getattr(value, name)
    if not callable(value):
        raise LoadFailure("not-callable", f"{spec} is {type(value).__name__}, and cannot be called")
    return value


def import_module(name):
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if name == error.name or name.startswith(error.name + "."):
            raise LoadFailure("module-not-found", f"there is no module {name}") from None
        raise LoadFailure("import-missing", f"{name} imports {error.name}, which is not there") from error
