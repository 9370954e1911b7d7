"""Middleware that balances load: each request goes to the next of several servers."""

import threading

from remote import NoAnswer, NotReached, fields_of, forward

HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
}
SAFE_TO_REPEAT = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}


class LoadBalancer:
    """LoadBalancer(["127.0.0.1:9001", "127.0.0.1:9002"])"""

    def __init__(self, backends):
        self.backends = backends
        self.turn = 0
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        for backend in self.in_turn():
            try:
                status, headers, body = forward(backend, environ, end_to_end(fields_of(environ)))
            except NotReached:
                continue  # nothing was sent: the next one may try
            except NoAnswer:
                if environ["REQUEST_METHOD"] in SAFE_TO_REPEAT and not environ.get("CONTENT_LENGTH"):
                    continue
                break  # it may have been done: nobody wants to buy twice
            start_response(status, end_to_end(headers))
            return body
        start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b"no server answered\n"]

    def in_turn(self):
        """All backends once, beginning with the one after the last request's."""
        with self.lock:
            first = self.turn
            self.turn = (first + 1) % len(self.backends)
        return self.backends[first:] + self.backends[:first]


def end_to_end(fields):
    """The fields without those of one hop: the known ones, and those that Connection names."""
    drop = set(HOP_BY_HOP)
    for name, value in fields:
        if name.lower() == "connection":
            drop.update(option.strip().lower() for option in value.split(","))
    return [(name, value) for name, value in fields if name.lower() not in drop]
