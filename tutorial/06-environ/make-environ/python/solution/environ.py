"""The environ of a request: the dictionary that an application gets (PEP 3333 "environ Variables")."""

import io
import sys
from urllib.parse import unquote_to_bytes


def make_environ(method, target, version, fields, body, server):
    """The environ of a request.

    method, target, version and body are bytes. fields is a list of (name, value), bytes, as they came. server is a pair
    of str: the name and the port.
    """
    path, _, query = target.partition(b"?")
    environ = {
        "REQUEST_METHOD": method.decode("latin-1"),
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": server[1],
        "SERVER_PROTOCOL": version.decode("latin-1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in fields:
        add_field(environ, name.decode("latin-1"), value.decode("latin-1"))
    return environ


def add_field(environ, name, value):
    """Adds the variable of a field line. A name with a _ of its own has none: X_Y would pose as X-Y."""
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = "HTTP_" + key
    if key in environ:
        separator = "; " if key == "HTTP_COOKIE" else ", "
        value = environ[key] + separator + value
    environ[key] = value
