"""From `MODULE:CALLABLE` or `FILE.py:CALLABLE` to the application callable, or to an error that says what to do."""

import os
import sys

from glass_worker import report
from glass_worker.report import standard

DEFAULT_NAMES = ("application", "app")


class LoadFailure(Exception):
    def __init__(self, kind, detail, hint="", traceback=""):
        Exception.__init__(self, detail)
        self.kind, self.detail, self.hint, self.traceback = kind, detail, hint, traceback


def load(spec, install, threads):
    """install is the command line that installs a package for this Python, for hints."""
    target, expression = split(spec)
    is_file = target.endswith(".py") or "/" in target or os.sep in target or os.path.isfile(target)  # site.wsgi
    module = import_target(target, is_file, install)
    application = find(module, expression, target)
    check_parameters(application, target, expression or name_of(module, application))
    if threads > 1:
        check_green_threads(target)
    return application


def check_green_threads(target):
    """gevent's locks work between threads of the system; eventlet's do not: a request would hang that waits for another."""
    patcher = sys.modules.get("eventlet.patcher")
    if patcher is not None and patcher.is_monkey_patched("thread"):
        detail = "%s calls eventlet.monkey_patch(), and eventlet's locks do not work between threads" % target
        raise LoadFailure("green-threads", detail, "leave out --threads and use more --workers, or patch with thread=False")


def split(spec):
    target, colon, expression = spec.rpartition(":")
    if not colon or "/" in expression or "\\" in expression:  # no colon at all, or only that of C:\app.py
        return spec, None
    if not target:
        raise LoadFailure("spec", "%r names no module" % spec, "write MODULE:CALLABLE or FILE.py:CALLABLE")
    return target, expression or None


# ---- the module


def import_target(target, is_file, install):
    if not is_file and not all(part.isidentifier() for part in target.split(".")):
        raise LoadFailure("spec", "%r is not the name of a module" % target, "a file is named with its .py")
    try:
        return import_file(target) if is_file else import_module(target)
    except LoadFailure:
        raise
    except ModuleNotFoundError as error:
        raise missing_module(error, target, is_file, install) from None
    except ImportError as error:
        if is_file and "attempted relative import" in str(error):
            raise in_package(error, target) from None
        raise raised(error, target) from None
    except SyntaxError as error:
        text = "".join(standard("traceback").format_exception_only(type(error), error))
        where = "%s, line %s" % (short_path(error.filename), error.lineno)
        raise LoadFailure("syntax-error", "%s: %s" % (where, error.msg), "", report.printable(text)) from None
    except SystemExit as error:
        detail = "%s called sys.exit(%s) while it was imported" % (target, "" if error.code is None else error.code)
        hint = 'put what should happen only when the file is run below `if __name__ == "__main__":`'
        raise LoadFailure("exit", detail, hint, report.traceback_text(error)) from None
    except BaseException as error:
        raise raised(error, target) from None


def raised(error, target):
    detail = "%s raised %s while it was imported" % (target, report.one_line(error))
    return LoadFailure("exception", detail, "", report.traceback_text(error))


def in_package(error, target):
    """A file that can be imported only as a part of its package: which name has it there?"""
    folder, file = os.path.split(os.path.abspath(target))
    names = [os.path.splitext(file)[0]]
    while len(names) == 1 or os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        names.insert(0, name)
    detail = "%s imports from its own package, and a file that is named by its path has none" % target
    where = "" if folder == os.getcwd() else ", with --chdir or --pythonpath %s" % folder
    return LoadFailure("exception", detail, "name the module: %s%s" % (".".join(names), where), report.traceback_text(error))


def import_module(name):
    __import__(name)
    return sys.modules[name]


def import_file(path):
    """Import a file under its own name, so that pickle, multiprocessing and a second import find the same module."""
    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise LoadFailure("file-not-found", "there is no file %s" % short_path(path), similar_file(path))
    sys.path.insert(0, os.path.dirname(path))
    name = os.path.splitext(os.path.basename(path))[0].replace(".", "_")
    if name in sys.modules:  # a file called types.py must not take the place of the library's types
        name += "_file"
    bootstrap = standard("_frozen_importlib_external")
    loader = bootstrap.SourceFileLoader(name, path)
    spec = bootstrap.spec_from_file_location(name, path, loader=loader)
    module = sys.modules[name] = standard("_frozen_importlib").module_from_spec(spec)
    try:
        loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return sys.modules.get(name, module)


def missing_module(error, target, is_file, install):
    """Which module is missing: the one that we were asked for, or one that it needs?"""
    name = error.name or "?"
    if not is_file and (target == name or target.startswith(name + ".")) and not in_application(error):
        detail = "there is no module %s; looked in %s" % (name, ", ".join(map(short_path, search_path())))
        return LoadFailure("module-not-found", detail, similar_module(target))
    top = name.partition(".")[0]
    detail = "%s imports %s, which is not installed" % (target, name)
    hint = "install the package that brings it, probably: %s %s" % (install, top)
    return LoadFailure("import-missing", detail, hint, report.traceback_text(error))


def in_application(error):
    return report.application_part(error.__traceback__) is not None


def search_path():
    return [entry for entry in sys.path if entry not in report.library_path]


def short_path(path):
    if not path:
        return "?"
    here = os.getcwd() + os.sep
    return path[len(here) :] if path.startswith(here) else path


def python_files(folder):
    try:
        return sorted(name for name in os.listdir(folder) if name.endswith(".py"))
    except OSError:
        return []


def closest(name, names):
    return standard("difflib").get_close_matches(name, names, 1, 0.6)


def similar_file(path):
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        return "there is no folder %s either; a path is relative to the working directory" % short_path(folder)
    names = python_files(folder)
    match = closest(os.path.basename(path), names)
    if match:
        return "did you mean %s?" % short_path(os.path.join(folder, match[0]))
    if names:
        return "that folder holds %s" % ", ".join(names[:8])
    return "that folder holds no Python file; a path is relative to the working directory"


def similar_module(target):
    for folder in search_path():
        match = closest(target.rpartition(".")[2], [name[:-3] for name in python_files(folder)])
        if match:
            return "there is %s: did you mean %s?" % (short_path(os.path.join(folder, match[0] + ".py")), match[0])
    return "run the command in the folder that holds it, or name that folder with --chdir or --pythonpath"


# ---- the callable in it


def find(module, expression, target):
    if expression is None:
        there = [name for name in DEFAULT_NAMES if hasattr(module, name)]
        if there:
            others = [other for other in there if callable(getattr(module, other))]
            hint = "did you mean %s:%s?" % (target, others[0]) if others else ""
            return callable_or_fail(getattr(module, there[0]), there[0], target, hint)
        raise LoadFailure("attribute-missing", "%s has neither application nor app" % target, offer(module, target, ""))
    path, arguments = parse(expression)
    value = module
    for index, name in enumerate(path):
        if not hasattr(value, name):
            owner = ".".join([target] + path[:index]) if index else target
            raise LoadFailure("attribute-missing", "%s has no %s" % (owner, name), offer(value, target, name))
        value = getattr(value, name)
    if arguments is None:
        return callable_or_fail(value, expression, target)
    callable_or_fail(value, ".".join(path), target)
    return callable_or_fail(make(value, arguments, target, expression), expression, target)


def parse(expression):
    """name, obj.attr, or name(literals): the names, and the arguments or None."""
    if all(part.isidentifier() for part in expression.split(".")):
        return expression.split("."), None
    try:
        ast = standard("ast")
        node = ast.parse(expression, mode="eval").body
        if not isinstance(node, ast.Call):
            raise ValueError
        values = [ast.literal_eval(argument) for argument in node.args]
        named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords if keyword.arg}
        path = []
        step = node.func
        while isinstance(step, ast.Attribute):
            path.insert(0, step.attr)
            step = step.value
        return [step.id] + path, (values, named)
    except (ValueError, SyntaxError, AttributeError):
        detail = "%r does not name a callable" % expression
        raise LoadFailure("spec", detail, "write name, obj.attr or name(), with plain values as arguments") from None


def make(factory, arguments, target, expression):
    try:
        return factory(*arguments[0], **arguments[1])
    except BaseException as error:
        detail = "%s:%s raised %s" % (target, expression, report.one_line(error))
        raise LoadFailure("exception", detail, "", report.traceback_text(error)) from None


def callable_or_fail(value, name, target, hint=""):
    if callable(value):
        return value
    article = "an" if type(value).__name__[0] in "aeiouAEIOU" else "a"
    text = repr(value)
    detail = "%s in %s is %s %s and cannot be called: %s" % (
        name, target, article, type(value).__name__, text if len(text) <= 60 else text[:57] + "...")  # fmt: skip
    raise LoadFailure("not-callable", detail, hint or "an application is def application(environ, start_response): ...")


def offer(holder, target, missing):
    """The callables that are there, the ones that its own code defines first."""
    own = getattr(holder, "__name__", None)
    names = [name for name in dir(holder) if not name.startswith("_") and callable(getattr(holder, name, None))]
    match = closest(missing or "application", names)
    if match:
        return "did you mean %s:%s?" % (target, match[0])
    names = [name for name in names if getattr(getattr(holder, name), "__module__", own) == own] or names
    if names:
        return "it has these callables: %s" % ", ".join(names[:8])
    return "it defines no callable; an application is def application(environ, start_response): ..."


def name_of(module, application):
    return next((name for name in DEFAULT_NAMES if getattr(module, name, None) is application), "application")


# ---- its parameters

VARARGS, COROUTINE = 0x04, 0x80  # code flags, as in the module inspect


def check_parameters(application, target, name):
    """PEP 3333: "the application object must accept two positional arguments"."""
    function, bound = plain_function(application)
    if function is None:
        return
    code = function.__code__
    if code.co_flags & COROUTINE:
        detail = "%s in %s is an async function; WSGI applications are plain ones" % (name, target)
        raise LoadFailure("wrong-parameters", detail, "an ASGI application needs an ASGI server")
    most = code.co_argcount - bound
    least = most - len(function.__defaults__ or ())
    needed = set(code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount])
    needed -= set(function.__kwdefaults__ or ())
    if least <= 2 and (most >= 2 or code.co_flags & VARARGS) and not needed:
        return
    what = "class " + name if isinstance(application, type) else name
    detail = "%s in %s takes %s; it is called with two arguments: environ, start_response" % (
        what, target, parameters(function, bound))  # fmt: skip
    raise LoadFailure("wrong-parameters", detail, parameters_hint(application, target, name, least))


def plain_function(application):
    """The Python function that a call runs, and how many arguments are bound to it. None where we cannot tell."""
    if isinstance(application, type):
        for method in ("__new__", "__init__"):
            function = getattr(application, method)
            if function is not getattr(object, method):
                return (function, 1) if hasattr(function, "__code__") else (None, 0)
        return object_takes_nothing, 1
    bound = 0
    if not hasattr(application, "__code__") and not hasattr(application, "__func__"):
        application = getattr(type(application), "__call__", None)
        bound = 1
    if hasattr(application, "__func__"):
        application, bound = application.__func__, bound + 1
    return (application, bound) if hasattr(application, "__code__") else (None, 0)


def object_takes_nothing(self):
    """Stands for object.__init__, which has no code to look at."""


def parameters(function, bound):
    names = list(standard("inspect").signature(function).parameters.values())[bound:]
    text = ", ".join(str(parameter) for parameter in names)
    return "(%s)" % text if text else "no parameters"


def parameters_hint(application, target, name, least):
    if isinstance(application, type):
        if "__call__" in vars(application):
            return "its instances are the application: add a line app = %s() and name that, or %s:%s()" % (
                name, target, name)  # fmt: skip
        return "give it def __init__(self, environ, start_response), and __iter__ for the body"
    if least <= 0 and not name.endswith(")"):
        return "if %s makes the application, write %s:%s()" % (name, target, name)
    if least == 3:
        return "three parameters look like ASGI (scope, receive, send), which needs another server"
    return "an application is def application(environ, start_response): ..."
