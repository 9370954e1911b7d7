"""wsgi.input and wsgi.errors with somebody who looks at what is asked of them (PEP 3333 "Input and Error Streams").

How much an application may read is known to it by CONTENT_LENGTH. glass promises more: wsgi.input_terminated says that
reading ends by itself. Whether an application has looked at that key before it relied on it, nobody can see, for the
environ must be a builtin dict. So the promise is not made where there is a length to go by, and what reads too far then
would wait for ever on a server that does not make it.
"""

import io

from glass_worker.contract import kind, shorten
from glass_worker.lint_place import of_caller


def wrap(environ, call):
    stream, length = environ["wsgi.input"], environ.get("CONTENT_LENGTH")
    if not length and type(stream) is io.BufferedReader:
        left = None  # chunked: only the promise tells where it ends
    else:
        left = int(length or 0)
        environ.pop("wsgi.input_terminated", None)
    environ["wsgi.input"] = Input(call, stream, left)
    environ["wsgi.errors"] = Errors(call, environ["wsgi.errors"])


class Stream:
    name = ""

    def __init__(self, call, stream):
        self._call = call
        self._stream = stream

    def __getattr__(self, name):
        """Whatever else the stream can do. To ask whether it can do it is no breach; to call it is one."""
        value = getattr(self._stream, name)
        if not callable(value):
            return value

        def method(*arguments, **keywords):
            rule = "closed" if name == "close" else "other method"
            self._call.find("%s: %s" % (self.name, rule), of_caller(), name + "()")
            return value(*arguments, **keywords)

        return method


class Input(Stream):
    name = "wsgi.input"

    def __init__(self, call, stream, left):
        Stream.__init__(self, call, stream)
        self._left = left  # bytes that CONTENT_LENGTH allows to be read; None: there is no such limit

    def read(self, *size):
        if not size or size[0] is None or size[0] < 0:
            self._look("read()", 0)
            if self._left is not None:
                self._call.find("wsgi.input: read without a size", of_caller(), "read()")
        else:
            self._look("read(%d)" % size[0], size[0])
        return self._count([self._stream.read(*size)])[0]

    def readline(self, *size):
        self._look("readline()", 0 if size and size[0] == 0 else 1)
        return self._count([self._stream.readline(*size)])[0]

    def readlines(self, *hint):
        self._look("readlines()", 1)
        return self._count(self._stream.readlines(*hint))

    def __iter__(self):
        return self

    def __next__(self):
        self._look("iteration", 1)
        line = self._count([self._stream.readline()])[0]
        if not line:
            raise StopIteration
        return line

    def _look(self, what, wanted):
        """wanted: without so many bytes, a server that makes no promise waits."""
        if self._call.is_over():
            self._call.find("wsgi.input: used after its request", of_caller(), what)
        elif self._left is not None and wanted > self._left:
            self._call.find("wsgi.input: read beyond Content-Length", of_caller(), what, self._left)

    def _count(self, blocks):
        if self._left is not None:
            self._left = max(self._left - sum(map(len, blocks)), 0)
        return blocks


class Errors(Stream):
    name = "wsgi.errors"

    def write(self, text):
        self._check(text)
        return self._stream.write(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        self._stream.flush()

    def _check(self, text):
        if not isinstance(text, str):
            self._call.find("wsgi.errors: not a str", of_caller(), "%s %s" % (kind(text), shorten(text)))
        elif "\r\n" in text:
            self._call.find("wsgi.errors: CRLF", of_caller(), shorten(text))
