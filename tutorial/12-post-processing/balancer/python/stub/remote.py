"""Sends the request of an environ to another server. It is right as it is."""

import http.client
from urllib.parse import quote

TIMEOUT = 10  # seconds


class NotReached(Exception):
    """There is no connection to the backend: nothing was sent."""


class NoAnswer(Exception):
    """The request was sent, in part or as a whole, and no response came."""


def forward(backend, environ, fields):
    """Sends the request with these fields, and returns status, headers and an iterable, as far as the head has come."""
    connection = http.client.HTTPConnection(backend, timeout=TIMEOUT)
    try:
        connection.connect()
    except OSError as error:
        raise NotReached(backend) from error
    try:
        connection.request(environ["REQUEST_METHOD"], target_of(environ), body=body_of(environ), headers=dict(fields))
        response = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        raise NoAnswer(backend) from error
    return "%d %s" % (response.status, response.reason), response.getheaders(), RemoteBody(connection, response)


class RemoteBody:
    """The body of the response, as its blocks come."""

    def __init__(self, connection, response):
        self.connection, self.response = connection, response

    def __iter__(self):
        while block := self.response.read1(64 * 1024):
            yield block

    def close(self):
        self.connection.close()


def target_of(environ):
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    target = quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~") or "/"
    return target + "?" + environ["QUERY_STRING"] if environ.get("QUERY_STRING") else target


def body_of(environ):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return environ["wsgi.input"].read(length) if length else None


def fields_of(environ):
    """The header fields of the request."""
    fields = [(key[5:].replace("_", "-").title(), value) for key, value in environ.items() if key.startswith("HTTP_")]
    for key, name in (("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length")):
        if environ.get(key):
            fields.append((name, environ[key]))
    return fields
