"""What the checks of the course run in Python: a call of an application, or a script that calls what a learner wrote.

Standard input has what to do as JSON; the result goes into the file that the argument names, so that print() in the
learner's code disturbs nothing. A script has a function check(name, random), and may use what is here:
environ(), load(), call().
"""

import io
import os
import sys
from types import FunctionType, ModuleType

# Nothing slow is imported: all of this runs for each check, each time that somebody saves a file. (json would be slow: with
# it come re and enum, and a quarter of the time.) What is imported above may be kept compiled; the learner's files
# may not: of two that are saved within a second, the second might be missed.
sys.dont_write_bytecode = True


def environ(method="GET", target="/", headers=None, body=b"", **other):
    """The environ of a request, as PEP 3333 wants it."""
    path, _, query = target.partition("?")
    path = path.encode().decode("latin-1")
    if "%" in path:
        from urllib.parse import unquote

        path = unquote(path, "latin-1")
    variables = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8888",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost:8888",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": True,
    }
    if body:
        variables["CONTENT_LENGTH"] = str(len(body))
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        variables[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    variables.update(other)
    return variables


called = []  # the last call of a learner's function by a script, as Python has it


class Noted:
    """A learner's module for a script: its functions note what they are called with, so that a failure can show it."""

    def __init__(self, module):
        object.__setattr__(self, "module", module)

    def __getattr__(self, name):
        value = getattr(self.module, name)
        if type(value) is not FunctionType:
            return value

        def noted(*args, **named):
            words = [shown(arg) for arg in args] + [key + "=" + shown(arg) for key, arg in named.items()]
            called[:] = ["%s(%s)" % (name, ", ".join(words))]
            return value(*args, **named)

        return noted

    def __setattr__(self, name, value):
        setattr(self.module, name, value)


def shown(value):
    """A value as somebody could type it, or what it is."""
    if isinstance(value, FunctionType):
        return value.__name__
    if isinstance(value, dict) and "REQUEST_METHOD" in value and "PATH_INFO" in value:
        return "environ of %s %s" % (value["REQUEST_METHOD"], value["PATH_INFO"] or "an empty path")
    try:
        text = repr(value)
    except Exception:  # it may be the learner's
        text = " at 0x"
    if " at 0x" in text:
        return "<%s>" % type(value).__name__
    return text if len(text) <= 160 else text[:160] + "…"


def name_of(app):
    """What a learner knows an application as: a function or a class by its name, an instance by that of its class."""
    return getattr(app, "__name__", None) or "%s(…)" % type(app).__name__


def load(name):
    """The module of a file in the learner's folder, for a script."""
    return Noted(loaded(name))


def loaded(name):
    """The module of a file in the learner's folder."""
    module_name = os.path.splitext(os.path.basename(name))[0]
    if module_name in sys.modules:
        return sys.modules[module_name]
    if not os.path.exists(name):
        raise FileNotFoundError("there is no " + name)
    module = ModuleType(module_name)
    module.__file__ = os.path.abspath(name)
    sys.modules[module_name] = module
    with open(name, "rb") as file:
        exec(compile(file.read(), module.__file__, "exec"), module.__dict__)
    return module


def failure(error):
    """An exception, with the line of the learner's that it came from."""
    where, step = "", error.__traceback__
    while step is not None:
        file, line = step.tb_frame.f_code.co_filename, step.tb_lineno
        if os.path.dirname(os.path.abspath(file)) == os.getcwd() and os.path.exists(file):  # not <frozen importlib._bootstrap>
            with open(file, encoding="utf-8") as source:
                text = source.read().split("\n")[line - 1].strip()
            where = "%s, line %d: %s" % (os.path.basename(file), line, text)
        step = step.tb_next
    return {"type": type(error).__name__, "message": str(error), "where": where}


def described(value):
    """A value as JSON has it: bytes as Latin-1, and what JSON does not have by its type."""
    if isinstance(value, (bytes, bytearray)):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {str(described(k)): described(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [described(v) for v in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    return "<%s>" % type(value).__name__


class Escapes(dict):
    """What stands for a character in a text of JSON, all of it ASCII."""

    def __missing__(self, number):
        text = chr(number)
        if not " " <= text <= "~":
            units = text.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
            text = "".join("\\u" + unit for unit in units)
        self[number] = text
        return text


ESCAPES = Escapes({ord(character): "\\" + letter for character, letter in zip('"\\\b\f\n\r\t', '"\\bfnrt')})


def as_json(value):
    """What described() returns, as json.dumps() would write it."""
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s: %s" % (as_json(k), as_json(v)) for k, v in value.items())
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(as_json, value))
    if isinstance(value, str):
        return '"%s"' % value.translate(ESCAPES)
    for constant, name in ((True, "true"), (False, "false"), (None, "null")):
        if value is constant:
            return name
    return (int if isinstance(value, int) else float).__repr__(value)  # HTTPStatus is an int, too


def call(app, variables):
    """Calls an application as a server does. log has what happened, in its order; error what was raised or broken."""
    result = {"status": None, "headers": None, "body": "", "log": [], "error": None}
    if not called:  # an instance, whose calls are not noted
        called[:] = ["%s(%s, start_response)" % (name_of(app), shown(variables))]
    log, body = result["log"], []
    before = dict(variables)

    def write(block):
        log.append("write")
        body.append(block)

    def start_response(status, headers, exc_info=None):
        log.append("start_response")
        if result["status"] is not None and exc_info is None:
            raise AssertionError("start_response() was called twice, without exc_info")
        result["status"], result["headers"] = status, described(headers)
        return write

    iterable = None
    try:
        log.append("call")
        iterable = app(variables, start_response)
        result["returned"] = type(iterable).__name__
        for block in iterable:
            log.append("block")
            if not isinstance(block, bytes):
                raise TypeError("a block of the body is %s, and must be bytes" % type(block).__name__)
            if result["status"] is None:
                raise AssertionError("start_response() was not called before the first block")
            body.append(block)
        log.append("end")
        if result["status"] is None:
            raise AssertionError("start_response() was not called")
    except BaseException as error:
        result["error"] = failure(error)
    finally:
        if hasattr(iterable, "close"):
            log.append("close")
            iterable.close()
    result["body"] = b"".join(b for b in body if isinstance(b, bytes)).decode("latin-1")
    result["changed"] = sorted(k for k in set(before) | set(variables) if before.get(k) != variables.get(k))
    return result


def carry_out(request):
    if "script" in request:
        return loaded(request["script"]).check(request["check"], request["random"])
    wanted = request["call"]
    file, _, name = wanted["app"].partition(":")
    app = loaded(file)
    for part in name.split("."):
        app = getattr(app, part)
    variables = environ(wanted["method"], wanted["target"], wanted["headers"], wanted["body"].encode("latin-1"))
    variables.update(wanted["environ"] or {})
    result = call(app, variables)
    called.clear()  # glass call says the same, and can be typed
    return result


def main():
    # It is JSON that glass wrote: Python but for three names.
    request = eval(sys.stdin.buffer.read(), {"true": True, "false": False, "null": None})
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    os.chdir(request["dir"])
    sys.path.insert(0, os.getcwd())
    sys.modules["glass_course"] = sys.modules["__main__"]
    try:
        result = carry_out(request)
    except BaseException as error:
        result = {"error": failure(error)}
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write(as_json(described(result)))
    with open(sys.argv[1] + ".called", "w", encoding="utf-8") as file:
        file.write("".join(called))


if __name__ == "__main__":
    main()
