"""Middleware, load balancing: each request goes to the next of several servers; the answer streams back.

A server that cannot be reached is passed over. A request that has been sent is sent again only if its method is
idempotent: nobody wants to buy twice (RFC 9110 section 9.2.2).

Run:  go run . -b 127.0.0.1:9001 examples/hello.py     (in a second terminal)
      go run . -b 127.0.0.1:9002 examples/environ.py   (in a third)
      go run . -e BACKENDS=127.0.0.1:9001,127.0.0.1:9002 examples/middleware_load_balance.py
Try:  curl http://127.0.0.1:8888/     (twice)
"""

import http.client
import os
import threading
from urllib.parse import quote

BACKENDS = os.environ.get("BACKENDS", "127.0.0.1:9001,127.0.0.1:9002").split(",")
TIMEOUT = 10  # seconds
IDEMPOTENT = {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}
HOP_BY_HOP = {  # they concern one connection only (RFC 9110 section 7.6.1)
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade",
}


class LoadBalancer:
    def __init__(self, backends):
        self.backends = backends
        self.turn = 0
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        for backend in self.in_turn():
            connection = http.client.HTTPConnection(backend, timeout=TIMEOUT)
            try:
                connection.connect()
            except OSError:
                continue  # nothing was sent: the next one may try
            try:
                response = forward(connection, environ)
            except (OSError, http.client.HTTPException):
                connection.close()
                if may_be_sent_again(environ):
                    continue
                break
            start_response(f"{response.status} {response.reason}", end_to_end(response.getheaders()))
            return RemoteBody(connection, response)
        start_response("502 Bad Gateway", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"No server answered.\n"]

    def in_turn(self):
        """All backends once, beginning with the one after the last request's."""
        with self.lock:
            first = self.turn
            self.turn = (self.turn + 1) % len(self.backends)
        return self.backends[first:] + self.backends[:first]


class RemoteBody:
    """The remote body as an iterable; close() gives the connection back even if the peer left early."""

    def __init__(self, connection, response):
        self.connection = connection
        self.response = response

    def __iter__(self):
        while True:
            block = self.response.read1(64 * 1024)  # what has arrived, without waiting for more
            if not block:
                return
            yield block

    def close(self):
        self.connection.close()


def forward(connection, environ):
    """Send the request of environ and return the response, of which only the head has been read."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    target = quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~") or "/"
    if environ.get("QUERY_STRING"):
        target += "?" + environ["QUERY_STRING"]
    connection.request(environ["REQUEST_METHOD"], target, body=body_of(environ), headers=fields_of(environ))
    return connection.getresponse()


def may_be_sent_again(environ):
    return environ["REQUEST_METHOD"] in IDEMPOTENT and not content_length(environ)  # a body can be read once only


def fields_of(environ):
    """The field lines of the request, from the HTTP_ keys."""
    fields = [(key[5:].replace("_", "-").title(), value) for key, value in environ.items() if key.startswith("HTTP_")]
    fields = dict(end_to_end(fields))
    if environ.get("CONTENT_TYPE"):
        fields["Content-Type"] = environ["CONTENT_TYPE"]
    if content_length(environ):
        fields["Content-Length"] = str(content_length(environ))
    fields["Via"] = ", ".join(filter(None, [fields.get("Via"), "1.1 load-balancer"]))
    return fields


def end_to_end(fields):
    """The fields without those of one hop: the known ones, and those that Connection names."""
    drop = set(HOP_BY_HOP)
    for name, value in fields:
        if name.lower() == "connection":
            drop.update(option.strip().lower() for option in value.split(","))
    return [(name, value) for name, value in fields if name.lower() not in drop]


def body_of(environ):
    """The request body block by block, or None."""
    return blocks(environ["wsgi.input"], content_length(environ)) if content_length(environ) else None


def blocks(stream, remaining):
    while remaining > 0:
        block = stream.read(min(64 * 1024, remaining))
        if not block:
            raise OSError("the peer went away before its whole body had come")
        remaining -= len(block)
        yield block


def content_length(environ):
    return int(environ.get("CONTENT_LENGTH") or 0)


application = LoadBalancer(BACKENDS)
