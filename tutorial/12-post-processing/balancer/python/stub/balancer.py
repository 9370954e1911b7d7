"""Middleware that balances load: each request goes to the next of several servers."""

from remote import NoAnswer, NotReached, fields_of, forward

HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
}
SAFE_TO_REPEAT = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}


class LoadBalancer:
    """LoadBalancer(["127.0.0.1:9001", "127.0.0.1:9002"])"""

    def __init__(self, backends):
        self.backends = backends

    def __call__(self, environ, start_response):
        raise NotImplementedError  # status, headers, body = forward(backend, environ, fields)


def end_to_end(fields):
    """The fields without those of one hop: the known ones, and those that Connection names."""
    raise NotImplementedError
