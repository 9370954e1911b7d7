"""A gateway from CGI to WSGI: one request comes in variables and standard input, and the response goes to standard output."""

import io
import os
import sys


def native(text):
    """os.environ has decoded the bytes of a variable; this is the native string with those same bytes."""
    return os.fsencode(text).decode("latin-1")


def environ_of(variables, stdin):
    """The environ of the one request that there is."""
    environ = {name: native(value) for name, value in variables.items()}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    environ.update({
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if environ.get("HTTPS", "off") in ("on", "1") else "http",
        "wsgi.input": io.BytesIO(stdin.read(length)),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": True,
    })
    return environ


def head(status, headers):
    """How a CGI response begins, as bytes."""
    lines = ["Status: " + status] + [f"{name}: {value}" for name, value in headers]
    return "".join(line + "\r\n" for line in lines + [""]).encode("latin-1")


def run_cgi(application, variables, stdin, stdout):
    """Answers the request. The head waits for the first block, as in any WSGI server."""
    begun, sent = [], []

    def start_response(status, headers, exc_info=None):
        if exc_info and sent:
            raise exc_info[1].with_traceback(exc_info[2])
        if begun and not exc_info:
            raise AssertionError("start_response() was called twice, without exc_info")
        begun[:] = [status, headers]
        return write

    def write(block):
        if not sent:
            sent.append(True)
            stdout.write(head(*begun))
        stdout.write(block)
        stdout.flush()

    iterable = application(environ_of(variables, stdin), start_response)
    try:
        for block in iterable:
            if block:
                write(block)
        if not sent:
            write(b"")
    finally:
        if hasattr(iterable, "close"):
            iterable.close()


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello " + environ["PATH_INFO"].encode("latin-1") + b"\n"]


if __name__ == "__main__":
    run_cgi(application, os.environ, sys.stdin.buffer, sys.stdout.buffer)
