"""Runs an application behind a recorder: it tells what it was called with, and what it did.

glass and wsgiref load the same file. GLASS_COMPARE_APP names the application, GLASS_COMPARE_PORT the port on loopback
that wants to know, if any. As a program it serves the application with wsgiref, and prints its port.
"""

import importlib
import importlib.util
import json
import os
import socket
import sys
import threading


def load(spec):
    target, colon, expression = spec.rpartition(":")
    if not colon or "/" in expression or "\\" in expression:
        target, expression = spec, ""
    if target.endswith(".py"):
        sys.path.insert(0, os.path.dirname(os.path.abspath(target)))
        name = os.path.splitext(os.path.basename(target))[0].replace(".", "_")
        found = importlib.util.spec_from_file_location(name, os.path.abspath(target))
        module = importlib.util.module_from_spec(found)
        sys.modules.setdefault(name, module)
        found.loader.exec_module(module)
    else:
        module = importlib.import_module(target)
    if expression:
        return eval(expression, vars(module))  # the user's own command line
    return getattr(module, "application", None) or module.app


class Teller:
    """Tells one call. The first line waits for an answer: the reader knows of a call before its response is there."""

    def __init__(self, environ):
        self.calls = []
        self.link = socket.create_connection(("127.0.0.1", int(os.environ["GLASS_COMPARE_PORT"])))
        told = {key: self.text(value) for key, value in environ.items() if key not in os.environ}
        if len(told) < len(environ):  # as wsgiref does; one line will do, and their values are nobody's business
            told["(the operating system's)"] = "%d variables" % (len(environ) - len(told))
        self.send({"environ": told})
        self.link.recv(1)

    @staticmethod
    def text(value):
        return value if isinstance(value, str) else repr(value) if isinstance(value, (bool, int, tuple)) else type(value).__name__

    def send(self, message):
        self.link.sendall(json.dumps(message).encode("ascii") + b"\n")

    def end(self):
        if self.link:
            self.send({"calls": self.calls})
            self.link.close()
            self.link = None


class Blocks:
    """The application's iterable, and what was taken of it."""

    def __init__(self, inner, teller):
        self.inner, self.teller = inner, teller
        self.blocks = iter(inner)
        if hasattr(inner, "__len__"):
            self.__class__ = SizedBlocks

    def __iter__(self):
        return self

    def __next__(self):
        try:
            block = next(self.blocks)
        except StopIteration:
            raise
        except Exception as error:
            self.teller.calls.append("raise %s: %s" % (type(error).__name__, error))
            raise
        self.teller.calls.append("yield %r" % (block,))
        return block

    def close(self):
        try:
            if hasattr(self.inner, "close"):
                self.teller.calls.append("close()")
                self.inner.close()
        finally:
            self.teller.end()


class SizedBlocks(Blocks):
    def __len__(self):
        return len(self.inner)


def recorder(app):
    def application(environ, start_response):
        teller = Teller(environ)

        def recorded(status, headers, exc_info=None):
            arguments = "%r, %r%s" % (status, headers, ", exc_info" if exc_info else "")
            teller.calls.append("start_response(%s)" % arguments)
            write = start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

            def recorded_write(block):
                teller.calls.append("write(%r)" % (block,))
                return write(block)

            return recorded_write

        try:
            return Blocks(app(environ, recorded), teller)
        except BaseException as error:
            teller.calls.append("raise %s: %s" % (type(error).__name__, error))
            teller.end()
            raise

    return application


application = load(os.environ["GLASS_COMPARE_APP"])
if os.environ.get("GLASS_COMPARE_PORT"):
    application = recorder(application)


def serve():
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        timeout = 10  # a request that does not end must not hold the next one for ever

        def log_message(self, format, *args):
            pass

    def end_with_parent():  # its end of the pipe closes, whatever ends it
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=end_with_parent, daemon=True).start()
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve()
