"""The application that `glass check` probes a WSGI server with: one route for each behaviour that PEP 3333 is about.

It needs Python 3.8 or newer and nothing else, and runs under any number of processes and threads: what a request does is
recorded in files, so that a later request can ask for it (GET /events?id=X). Whoever names an id in a query names the
list that the request's events go to.
"""

import hashlib
import io
import json
import os
import re
import sys
import tempfile
import threading
import time
import weakref
from urllib.parse import parse_qsl, quote

FOLDER = os.environ.get("GLASS_PROBE_DIR") or os.path.join(tempfile.gettempdir(), "glass_probe")
PATIENCE = 3.0  # seconds that a route waits for what another request does

ROUTES = {}


def application(*arguments, **keywords):
    """A server calls it with two positional arguments; how it did call is what /called tells."""
    environ, start_response = arguments or (keywords["environ"], keywords["start_response"])
    if environ.get("PATH_INFO") == "/called":
        return as_json(start_response, {"positional": len(arguments), "named": sorted(keywords)})
    name = "/" + environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
    handler = ROUTES.get(name)
    if handler is None:
        start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "10")])
        return [b"Not found\n"]
    return handler(environ, start_response)


def route(handler):
    """Serve a function under its name, /such_as_this."""
    ROUTES["/" + handler.__name__.rstrip("_")] = handler
    return handler


# What the routes are written with.


def query(environ):
    """The query as pairs of native strings: %e9 is one character, as everything in an environ."""
    return parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True, encoding="latin-1")


def argument(environ, name, default=""):
    return dict(query(environ)).get(name, default)


def number(environ, name, default):
    return type(default)(argument(environ, name) or default)


def respond(start_response, body, status="200 OK", content_type="text/plain"):
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def as_json(start_response, value):
    return respond(start_response, json.dumps(value).encode("ascii"), content_type="application/json")


def read_all(environ):
    if environ.get("wsgi.input_terminated"):
        return environ["wsgi.input"].read()
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))


def events_file(environ):
    name = "".join(c for c in argument(environ, "id") if c.isalnum())
    return os.path.join(FOLDER, "events-" + name) if name else None


def record(environ, event):
    """Append an event to the list of the request's id."""
    path = events_file(environ)
    if path is None:
        return
    os.makedirs(FOLDER, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")


def recorded(environ):
    try:
        with open(events_file(environ), encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().splitlines()]
    except (OSError, TypeError):
        return []


def wait_until(environ, enough):
    """Wait until what is recorded is enough, or patience ends; return what is recorded then."""
    end = time.monotonic() + PATIENCE
    while not enough(recorded(environ)) and time.monotonic() < end:
        time.sleep(0.01)
    return recorded(environ)


def wait_for(environ, event):
    """Wait until an event is recorded, or patience ends; return what is recorded then."""
    return wait_until(environ, lambda events: event in events)


class Body:
    """An iterable that records what the server does with it."""

    def __init__(self, environ, blocks):
        self.environ = environ
        self.blocks = iter(blocks)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            block = next(self.blocks)
        except StopIteration:
            record(self.environ, "end")
            raise
        record(self.environ, "next")
        return block

    def close(self):
        record(self.environ, "close")


def attempt(environ, name, call, *args):
    """Make a call that the server may refuse, and record how it ended. Return what it returned."""
    try:
        result = call(*args)
    except Exception as error:
        record(environ, name + " raised " + type(error).__name__)
        return None
    record(environ, name + " returned")
    return result


def error():
    """An exc_info tuple."""
    try:
        raise RuntimeError("the probe application raised this on purpose")
    except RuntimeError:
        return sys.exc_info()


def text_fields(*more):
    """The header fields of a text: a new list each time, because the server may change it."""
    return [("Content-Type", "text/plain"), *more]


# Routes that answer.


@route
def probe(environ, start_response):
    """Say that this is the probe application."""
    return respond(start_response, b'{"probe": 1}', content_type="application/json")


@route
def hello(environ, start_response):
    """A short text with its Content-Length."""
    return respond(start_response, b"Hello, world\n")


@route
def echo(environ, start_response):
    """The body of the request, as it came."""
    return respond(start_response, read_all(environ), content_type="application/octet-stream")


@route
def empty(environ, start_response):
    """An empty list, without Content-Length."""
    start_response("200 OK", text_fields())
    return []


@route
def say(environ, start_response):
    """The text of ?text=, one block, no Content-Length."""
    start_response("200 OK", text_fields())
    return [argument(environ, "text").encode("latin-1")]


@route
def list_(environ, start_response):
    """A list of ?n= blocks, without Content-Length."""
    start_response("200 OK", text_fields())
    return [b"block %d\n" % i for i in range(number(environ, "n", 3))]


@route
def blocks(environ, start_response):
    """A generator of ?n= blocks of ?size= bytes, ?delay= seconds before each but the first; ?length= is declared."""
    declared = argument(environ, "length")
    start_response("200 OK", text_fields(*([("Content-Length", declared)] if declared else [])))

    def generate():
        for i in range(number(environ, "n", 3)):
            if i > 0:
                time.sleep(number(environ, "delay", 0.0))
            yield (b"block %d\n" % i).ljust(number(environ, "size", 0), b".")

    return Body(environ, generate())


@route
def status(environ, start_response):
    """The status is the query, /status?204%20No%20Content; a body follows in any case."""
    ((text, _),) = parse_qsl(environ["QUERY_STRING"] + "=", keep_blank_values=True, encoding="latin-1")
    start_response(text, text_fields())
    return [b"a body\n"]


@route
def headers(environ, start_response):
    """The header fields are the query: /headers?X-Name=value."""
    start_response("200 OK", query(environ))
    return [b"a body\n"]


@route
def events(environ, start_response):
    """What was recorded for ?id=, after waiting for the event ?until=, or for ?least= events.

    The response to the other request may be whole before its application has ended."""
    if argument(environ, "until"):
        return as_json(start_response, wait_for(environ, argument(environ, "until")))
    least = int(argument(environ, "least") or 0)
    return as_json(start_response, wait_until(environ, lambda events: len(events) >= least))


@route
def count(environ, start_response):
    """How often ?event= was recorded for ?id=, after waiting for it, and a little for a second one."""
    wait_for(environ, argument(environ, "event"))
    time.sleep(0.05)
    return as_json(start_response, recorded(environ).count(argument(environ, "event")))


@route
def note(environ, start_response):
    """Record ?event=, for /await."""
    record(environ, argument(environ, "event"))
    return respond(start_response, b"noted\n")


@route
def receive(environ, start_response):
    """Read the body to its end, and record that there was one."""
    body = read_all(environ)
    record(environ, "read %d bytes" % len(body))
    return respond(start_response, b"received\n")


@route
def await_(environ, start_response):
    """Say whether another request records ?event= while this one runs."""
    return as_json(start_response, argument(environ, "event") in wait_for(environ, argument(environ, "event")))


# Routes that look at what the server gives.


@route
def environ_(environ, start_response):
    """Every key of the environ: its type, its repr, and its value where that is text, a number or a list of them."""
    entries = {}
    for key, value in environ.items():
        entry = {"type": type(value).__name__, "repr": repr(value)}
        if isinstance(value, (str, int, float, tuple, list, type(None))):
            entry["value"] = value
        entries[str(key)] = entry
    stream, errors = environ.get("wsgi.input"), environ.get("wsgi.errors")
    return as_json(start_response, {
        "environ": json.loads(json.dumps(entries, default=repr)),
        "type": type(environ).__module__ + "." + type(environ).__name__,
        "keys": sorted({type(key).__name__ for key in environ}),
        "cgi": sorted({type(value).__name__ for key, value in environ.items() if "." not in key}),
        "input": [name for name in ("read", "readline", "readlines", "__iter__") if callable(getattr(stream, name, None))],
        "errors": [name for name in ("flush", "write", "writelines") if callable(getattr(errors, name, None))],
        "http": sorted(key for key in environ if key.startswith("HTTP_")),
        "wide": sorted(key for key, value in environ.items() if isinstance(value, str) and max(value, default="") > "\xff"),
        "bytes": sorted(key for key, value in environ.items() if isinstance(value, (bytes, bytearray)) and ("." not in key or key.startswith("wsgi."))),
        "misnamed": sorted(key for key in environ if "." in key and not re.fullmatch("[a-z0-9._]+", key)),
        "file_wrapper": callable(environ.get("wsgi.file_wrapper")),
        "start_response": callable(start_response),
    })


@route
def url(environ, start_response):
    """The URL of the request, by the algorithm of PEP 3333. Its quote() is meant for bytes, so for Latin-1 here."""
    text = environ["wsgi.url_scheme"] + "://"
    if environ.get("HTTP_HOST"):
        text += environ["HTTP_HOST"]
    else:
        text += environ["SERVER_NAME"]
        if environ["SERVER_PORT"] != {"https": "443"}.get(environ["wsgi.url_scheme"], "80"):
            text += ":" + environ["SERVER_PORT"]
    text += quote(environ.get("SCRIPT_NAME", ""), encoding="latin-1") + quote(environ.get("PATH_INFO", ""), encoding="latin-1")
    return as_json(start_response, text + ("?" + environ["QUERY_STRING"] if environ.get("QUERY_STRING") else ""))


@route
def change(environ, start_response):
    """Set the keys of the environ that the query names, or delete all of them with ?clear=1."""
    pairs = query(environ)
    if ("clear", "1") in pairs:
        environ.clear()
    environ.update(pairs)
    start_response("200 OK", text_fields())
    return [b"changed\n"]


@route
def input_(environ, start_response):
    """Do what ?do= says with wsgi.input: read, read:5, readline, readline:5, readlines, readlines:5, iter, comma
    between them. The answer is a list of the results, as texts or lists of texts."""

    def plain(value):
        return value.decode("latin-1") if isinstance(value, bytes) else [plain(item) for item in value]

    stream, results = environ["wsgi.input"], []
    for step in argument(environ, "do", "read").split(","):
        method, _, size = step.partition(":")
        if method == "iter":
            results.append(plain(list(stream)))
        else:
            results.append(plain(getattr(stream, method)(*([int(size)] if size else []))))
    return as_json(start_response, results)


@route
def input_types(environ, start_response):
    """The types of what wsgi.input gives, two bytes and two lines."""
    stream = environ["wsgi.input"]
    got = [stream.read(2), stream.readline(), stream.readline()]
    return as_json(start_response, sorted({type(block).__name__ for block in got}))


@route
def digest(environ, start_response):
    """Read the body ?size= bytes at a time: its length and MD5."""
    left, size, digest = int(environ.get("CONTENT_LENGTH") or 0), number(environ, "size", 65536), hashlib.md5()
    total = 0
    while total < left:
        block = environ["wsgi.input"].read(min(size, left - total))
        if not block:
            break
        digest.update(block)
        total += len(block)
    return as_json(start_response, {"length": total, "md5": digest.hexdigest()})


@route
def read_later(environ, start_response):
    """Read half of the body before start_response, the rest between two blocks."""
    half = int(environ["CONTENT_LENGTH"]) // 2
    first = environ["wsgi.input"].read(half)
    start_response("200 OK", text_fields())
    yield first + b"|"
    yield environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]) - half)


@route
def errors(environ, start_response):
    """Call ?do= of wsgi.errors: write, writelines, generator (for writelines), flush, latin (é), euro, lone (half of a
    surrogate pair), empty, long, late (between two blocks). A server that opens it as ASCII or as bytes raises here."""
    stream = environ["wsgi.errors"]
    calls = {
        "write": lambda: stream.write("glass check wrote this to wsgi.errors\n"),
        "writelines": lambda: stream.writelines(["one line\n", "another line\n"]),
        "generator": lambda: stream.writelines("line %d\n" % i for i in range(2)),
        "flush": lambda: stream.flush(),
        "latin": lambda: stream.write("caf\u00e9\n"),
        "euro": lambda: stream.write("\u20ac and \U0001f40d\n"),
        "lone": lambda: stream.write("half of a pair: \ud83d\n"),
        "empty": lambda: stream.write(""),
        "long": lambda: stream.write("x" * 100000 + "\n"),
    }
    do = argument(environ, "do", "write")
    start_response("200 OK", text_fields())
    if do == "late":
        yield b"before, "
        do = "write"
    calls[do]()
    yield b"written\n"


@route
def overlap(environ, start_response):
    """Wait half a second for another request with the same ?id=, and say what of wsgi.multithread and
    wsgi.multiprocess is contradicted by where that one runs."""
    here = [os.getpid(), threading.get_ident()]
    record(environ, ["in"] + here)
    end = time.monotonic() + 0.5
    others = []
    while not others and time.monotonic() < end:
        time.sleep(0.01)
        seen = recorded(environ)
        others = [e[1:] for e in seen if e[0] == "in" and e[1:] != here and ["out"] + e[1:] not in seen]
    time.sleep(0.1)  # the other must see this one, too
    record(environ, ["out"] + here)
    return as_json(start_response, [
        name for name, contradicted in [
            ("wsgi.multithread", any(other[0] == here[0] for other in others)),
            ("wsgi.multiprocess", any(other[0] != here[0] for other in others)),
        ] if contradicted and not environ[name]
    ])


@route
def same_thread(environ, start_response):
    """Whether one request stays in one thread: the call, and each block."""
    first = threading.get_ident()
    start_response("200 OK", text_fields())
    return (b"same\n" if threading.get_ident() == first else b"another\n" for _ in range(3))


# Routes that call start_response and write in every order.


@route
def twice(environ, start_response):
    """Call start_response a second time without exc_info, and record how that ended."""
    start_response("200 OK", text_fields())
    attempt(environ, "start_response", start_response, "201 Created", text_fields())
    return [b"after two calls\n"]


@route
def replace(environ, start_response):
    """Call start_response a second time with exc_info, before anything was sent."""
    start_response("200 OK", text_fields(("X-First", "1")))
    start_response("500 Oops", [("Content-Type", "text/plain"), ("X-Second", "2")], error())
    return [b"an error page\n"]


@route
def too_late(environ, start_response):
    """Call start_response with exc_info after the first block."""

    def generate():
        yield b"the first block\n"
        try:
            start_response("500 Oops", text_fields(), error())
        except Exception:
            record(environ, "start_response raised")
            raise
        record(environ, "start_response returned")
        yield b"the second block\n"

    start_response("200 OK", text_fields())
    return Body(environ, generate())


class Sneaky(str):
    """A str that is another one when it is encoded or converted."""

    def encode(self, *arguments):
        return super().encode(*arguments) + b"\r\nX-Injected: 1"

    def __str__(self):
        return super().__str__() + "\r\nX-Injected: 1"

    __format__ = lambda self, spec: str(self)


@route
def kinds(environ, start_response):
    """Call start_response with an argument of the wrong ?kind=."""
    field = ("X-Kind", "value")
    status, fields = {
        "status_bytes": (b"200 OK", text_fields()),
        "status_int": (200, text_fields()),
        "status_none": (None, text_fields()),
        "name_bytes": ("200 OK", [(b"X-Kind", "value")]),
        "value_bytes": ("200 OK", [("X-Kind", b"value")]),
        "value_int": ("200 OK", [("X-Kind", 7)]),
        "value_none": ("200 OK", [("X-Kind", None)]),
        "name_none": ("200 OK", [(None, "value")]),
        "headers_tuple": ("200 OK", (field,)),
        "headers_generator": ("200 OK", (pair for pair in [field])),
        "headers_dict": ("200 OK", {"X-Kind": "value"}),
        "headers_none": ("200 OK", None),
        "triple": ("200 OK", [("X-Kind", "value", "more")]),
        "single": ("200 OK", [("X-Kind",)]),
        "status_sneaky": (Sneaky("200 OK"), text_fields()),
        "value_sneaky": ("200 OK", [("X-Kind", Sneaky("value"))]),
        "status_wide": ("200 \u20ac", text_fields()),
        "value_wide": ("200 OK", [("X-Kind", "\u20ac")]),
        "name_wide": ("200 OK", [("X-\u20ac", "value")]),
        "value_surrogate": ("200 OK", [("X-Kind", "\udc80")]),
    }[argument(environ, "kind")]
    start_response(status, fields)
    return [b"a body\n"]


@route
def third(environ, start_response):
    """Give None as the third argument."""
    start_response("200 OK", text_fields(), None)
    return [b"three arguments\n"]


@route
def recover(environ, start_response):
    """Call start_response with a field that it should refuse, then with exc_info."""
    try:
        start_response("200 OK", [("X-Bad", "a\nX-Injected: 1")])
        raise RuntimeError("it was not refused")
    except Exception:
        start_response("500 Recovered", text_fields(), sys.exc_info())
    return [b"recovered\n"]


@route
def again(environ, start_response):
    """Call start_response with a field that it should refuse, then without exc_info, and record how that ended."""
    attempt(environ, "first", start_response, "200 OK", [("X-Bad", "a\nb")])
    attempt(environ, "second", start_response, "200 OK", text_fields())
    record(environ, "done")
    return [b"a body\n"]


@route
def exc_first(environ, start_response):
    """Give exc_info with the first call of start_response."""
    start_response("500 Oops", text_fields(), error())
    return [b"an error page\n"]


@route
def exc_often(environ, start_response):
    """Change the mind three times before anything is sent."""
    start_response("200 OK", text_fields())
    for i in range(3):
        start_response("50%d Change" % i, [("X-Change", str(i))], error())
    return [b"changed\n"]


@route
def exc_length(environ, start_response):
    """Replace a head with Content-Length by one without."""
    start_response("200 OK", [("Content-Length", "3")])
    start_response("500 Oops", text_fields(), error())
    return [b"longer than that\n"]


@route
def exc_written(environ, start_response):
    """Call start_response with exc_info after write()."""
    start_response("200 OK", text_fields())(b"written\n")
    try:
        start_response("500 Oops", text_fields(), error())
    except Exception as raised:
        record(environ, "raised " + type(raised).__name__)
        raise
    record(environ, "returned")
    return [b"and more\n"]


@route
def exc_kept(environ, start_response):
    """Whether the server still holds the exception of exc_info after start_response."""

    class Marked(Exception):
        """Exceptions of Python itself cannot be referred to weakly."""

    def fail():
        try:
            raise Marked()
        except Marked:
            info = sys.exc_info()
        reference = weakref.ref(info[1])
        start_response("200 OK", [("Content-Type", "application/json")], info)
        del info  # it would be a circular reference of our own
        return reference

    return [json.dumps(fail()() is not None).encode("ascii")]


@route
def error_page(environ, start_response):
    """A generator that fails before its first block, and then yields an error page, as PEP 3333 has it."""
    try:
        start_response("200 OK", text_fields())
        yield b""
        raise RuntimeError("on purpose")
    except RuntimeError:
        start_response("500 Handled", text_fields(), sys.exc_info())
        yield b"handled\n"


@route
def hold(environ, start_response):
    """Call start_response, yield ?empty= empty blocks, and wait ?delay= seconds before the first block with bytes."""
    start_response("200 OK", text_fields())
    for _ in range(number(environ, "empty", 0)):
        yield b""
    time.sleep(number(environ, "delay", 0.5))
    yield b"at last\n"


@route
def holes(environ, start_response):
    """Blocks with empty ones before, between and after them."""
    start_response("200 OK", text_fields())
    return iter([b"", b"", b"one ", b"", b"two ", b"", b"", b"three", b""])


@route
def many(environ, start_response):
    """?n= blocks of ?size= bytes, as a ?kind= of iterable."""
    each, n = b"x" * number(environ, "size", 1), number(environ, "n", 1)
    kinds = {
        "list": lambda: [each] * n,
        "tuple": lambda: (each,) * n,
        "set": lambda: {each},
        "iterator": lambda: iter([each] * n),
        "generator": lambda: (each for _ in range(n)),
        "map": lambda: map(bytes, [each] * n),
        "class": lambda: Outer(environ, [each] * n),
        "len": lambda: Sized([each] * n),
        "unsized": lambda: Unsized([each] * n),
        "bytes_subclass": lambda: [type("Bytes", (bytes,), {})(each)] * n,
    }
    start_response("200 OK", text_fields())
    return kinds[argument(environ, "kind", "list")]()


class Outer:
    """An iterable that is no iterator: close() is to be called on it."""

    def __init__(self, environ, blocks):
        self.environ, self.blocks = environ, blocks

    def __iter__(self):
        return iter(self.blocks)

    def close(self):
        record(self.environ, "close")


class Sized:
    def __init__(self, blocks):
        self.blocks = blocks

    def __iter__(self):
        return iter(self.blocks)

    def __len__(self):
        return len(self.blocks)


class Unsized(Sized):
    def __len__(self):
        raise TypeError("this has no length")


@route
def shy(environ, start_response):
    """An iterable that records which attributes it is asked for, beyond those that PEP 3333 speaks of."""

    class Shy:
        def __iter__(self):
            return iter([b"shy\n"])

        def __getattr__(self, name):
            if name not in ("close", "__len__", "__next__"):
                record(environ, name)
            raise AttributeError(name)

    start_response("200 OK", text_fields())
    return Shy()


@route
def call_once(environ, start_response):
    """An application that is an iterable class with a close(), which calls start_response in __iter__."""

    class Late(Outer):
        def __iter__(self):
            start_response("200 OK", text_fields())
            yield b"from __iter__\n"

    return Late(environ, [])


@route
def no_start_close(environ, start_response):
    """Never call start_response, with an iterable that has a close()."""
    return Body(environ, [b"a body without a head\n"])


@route
def late_start(environ, start_response):
    """Yield an empty block before start_response is called."""
    yield b""
    start_response("200 OK", text_fields())
    yield b"late\n"


@route
def writes(environ, start_response):
    """write() what ?do= says, with commas: a text, empty, str, none, bytearray, sleep; return ?then= as a list. How
    each ended is recorded. ?length= is declared."""
    declared = argument(environ, "length")
    send = start_response("200 OK", text_fields(*([("Content-Length", declared)] if declared else [])))
    special = {"empty": b"", "str": "a str", "none": None, "large": b"x" * 2000000}
    for what in filter(None, argument(environ, "do").split(",")):
        if what == "sleep":
            time.sleep(0.6)
        else:
            attempt(environ, what, send, special.get(what, what.encode("latin-1")))
    then = argument(environ, "then")
    return Body(environ, [then.encode("latin-1")] if then else [])


@route
def write_error(environ, start_response):
    """write() a block, then raise."""
    start_response("200 OK", text_fields())(b"written\n")
    raise RuntimeError("raised after write(), on purpose: ~")


@route
def exit_(environ, start_response):
    """Raise the exception that ?kind= names, ?at= call or first."""
    kind = {"system": SystemExit, "keyboard": KeyboardInterrupt, "base": BaseException, "generator": GeneratorExit,
            "stop": StopIteration, "memory": MemoryError, "recursion": RecursionError}[argument(environ, "kind")]

    class Raising(Body):
        def __next__(self):
            raise kind("on purpose: ~")

    if argument(environ, "at", "call") == "call":
        raise kind("on purpose: ~")
    start_response("200 OK", text_fields())
    return Raising(environ, [])


@route
def odd_error(environ, start_response):
    """Raise an exception whose text cannot be made."""

    class Odd(Exception):
        def __str__(self):
            raise ValueError("on purpose: ~")

        __repr__ = __str__

    raise Odd()


@route
def lazy(environ, start_response):
    """Call start_response only when the first block is asked for."""
    start_response("200 OK", text_fields())
    yield b"lazy\n"


@route
def empty_first(environ, start_response):
    """Yield an empty block, then change the mind about the head."""

    def generate():
        yield b""
        start_response("503 Changed", text_fields(), error())
        yield b"changed\n"

    start_response("200 OK", text_fields())
    return generate()


@route
def write(environ, start_response):
    """Use write() for ?n= blocks, and return ?then= as well."""
    send = start_response("200 OK", text_fields())
    for i in range(number(environ, "n", 2)):
        send(b"written %d\n" % i)
    return [argument(environ, "then").encode("latin-1")]


@route
def no_start(environ, start_response):
    """Never call start_response."""
    return [b"a body without a head\n"]


# Routes that break rules.


@route
def length(environ, start_response):
    """Declare ?length= as Content-Length, and yield ?body=."""
    start_response("200 OK", text_fields(("Content-Length", argument(environ, "length"))))
    return Body(environ, [argument(environ, "body").encode("latin-1")])


@route
def raise_(environ, start_response):
    """Raise ?at=: call, first (before the first block), later (after it), close; ?length= is declared. No page of a
    server has a tilde by itself, so that one shows that the message was sent."""
    at = argument(environ, "at", "call")
    if at == "call":
        raise RuntimeError("raised in the call, on purpose: ~")

    class Raising(Body):
        def close(self):
            super().close()
            if at == "close":
                raise RuntimeError("raised in close(), on purpose: ~")

    def generate():
        if at == "first":
            raise RuntimeError("raised before the first block, on purpose: ~")
        yield b"the first block\n"
        if at == "later":
            raise RuntimeError("raised after the first block, on purpose: ~")

    declared = argument(environ, "length")
    start_response("200 OK", text_fields(*([("Content-Length", declared)] if declared else [])))
    return Raising(environ, generate())


@route
def block(environ, start_response):
    """A body with a block of the wrong kind: ?kind=str, none, int, bytearray."""
    wrong = {"str": "a str", "none": None, "int": 7, "bytearray": bytearray(b"a bytearray")}
    start_response("200 OK", text_fields())
    return [wrong[argument(environ, "kind", "str")]]


@route
def none(environ, start_response):
    """Return None instead of an iterable."""
    start_response("200 OK", text_fields())


@route
def head(environ, start_response):
    """Call start_response with ?status= and all other arguments as header fields, and record how that ended; answer
    500 where it was refused, as a careful application would."""
    fields = [pair for pair in query(environ) if pair[0] not in ("status", "id")]
    attempt(environ, "start_response", start_response, argument(environ, "status", "200 OK"), fields)
    refused = "start_response returned" not in recorded(environ)
    record(environ, "done")
    if refused:
        start_response("500 Refused", text_fields())
    return [] if not refused and argument(environ, "status", "")[:3] in ("204", "304") else [b"a body\n"]


# Routes for the optional parts.


def offered(handler):
    """Answer 501 where the server has no wsgi.file_wrapper: it is optional."""

    def checked(environ, start_response):
        if "wsgi.file_wrapper" not in environ:
            return respond(start_response, b"wsgi.file_wrapper is not offered\n", status="501 Not Offered")
        return handler(environ, start_response)

    checked.__name__ = handler.__name__
    return checked


CONTENT = b"".join(b"line %04d\n" % i for i in range(1000))


def stream_of(environ):
    """The stream of ?kind=: real (a file), like (a file-like object), bare (it has only read), numbered (a file-like
    object whose fileno() raises). ?read= bytes are read from it, or it is put at ?seek=."""
    kind = argument(environ, "kind", "like")
    if kind == "real":
        stream = tempfile.TemporaryFile(dir=FOLDER if os.path.isdir(FOLDER) else None)
        stream.write(CONTENT * number(environ, "times", 1))
        stream.seek(0)
    else:
        stream = {"like": Watched, "bare": Bare, "numbered": Numbered}[kind](environ, CONTENT)
    if argument(environ, "read"):
        stream.read(number(environ, "read", 0))
    elif argument(environ, "seek"):
        stream.seek(number(environ, "seek", 0))
    return stream


@route
@offered
def file(environ, start_response):
    """Wrap a stream in wsgi.file_wrapper, with ?block= as the block size; ?length= is declared."""
    declared, size = argument(environ, "length"), argument(environ, "block")
    start_response("200 OK", text_fields(*([("Content-Length", declared)] if declared else [])))
    return environ["wsgi.file_wrapper"](stream_of(environ), *([int(size)] if size else []))


@route
@offered
def file_moved(environ, start_response):
    """Move to ?to= after wrapping: it is the position at the time of the transmission that counts."""
    stream = stream_of(environ)
    wrapped = environ["wsgi.file_wrapper"](stream)
    stream.seek(number(environ, "to", 0))
    start_response("200 OK", text_fields())
    return wrapped


@route
@offered
def file_iterated(environ, start_response):
    """Iterate over the wrapper here, as middleware does, and send what it yields in upper case."""
    wrapped = environ["wsgi.file_wrapper"](stream_of(environ), number(environ, "block", 1000))
    start_response("200 OK", text_fields())
    try:
        return [block.upper() for block in wrapped]
    finally:
        getattr(wrapped, "close", lambda: None)()


@route
@offered
def file_unused(environ, start_response):
    """Wrap a stream, and return something else."""
    environ["wsgi.file_wrapper"](stream_of(environ))
    return respond(start_response, b"not the file\n")


@route
@offered
def file_written(environ, start_response):
    """write() something before the file."""
    start_response("200 OK", text_fields())(b"written first\n")
    return environ["wsgi.file_wrapper"](stream_of(environ))


@route
@offered
def file_wrappers(environ, start_response):
    """What a wrapper is: iterable, with a close() if the stream has one."""
    wrapper = environ["wsgi.file_wrapper"]
    wrapped, bare = wrapper(Watched(environ, CONTENT)), wrapper(Bare(environ, CONTENT))
    return as_json(start_response, {
        "iterable": hasattr(wrapped, "__iter__") or hasattr(wrapped, "__getitem__"),
        "close": callable(getattr(wrapped, "close", None)),
        "first": next(iter(bare)).decode("ascii")[:10],
    })


class Watched(io.BytesIO):
    """A file-like object that records its close()."""

    def __init__(self, environ, content):
        super().__init__(content)
        self.environ = environ

    def close(self):
        if not self.closed:
            record(self.environ, "close")
        super().close()


class Bare:
    """All that a file-like object needs: read(), with an optional size."""

    def __init__(self, environ, content):
        self.read = io.BytesIO(content).read


class Numbered(Watched):
    """A file-like object whose fileno() raises: there is no file behind it."""

    def fileno(self):
        raise OSError("there is no file behind this stream")


if __name__ == "__main__":
    from wsgiref.simple_server import make_server

    make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
