"""Backends on this machine: some that answer, one that is dead, one that takes a request and says nothing."""

import socket
import sys
import threading

import glass_course


class Backend(threading.Thread):
    """Answers with its name and what it was asked; or, with no name, closes without an answer."""

    def __init__(self, name):
        threading.Thread.__init__(self, daemon=True)
        self.called, self.requests = name, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                self.serve(connection)

    def serve(self, connection):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(4096)
            if not piece:
                return
            request += piece
        head, _, body = request.partition(b"\r\n\r\n")
        fields = {}
        for line in head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        while len(body) < int(fields.get("content-length", 0)):
            piece = connection.recv(4096)
            if not piece:
                return
            body += piece
        self.requests.append({"line": head.decode("latin-1").split("\r\n")[0], "fields": fields, "body": body})
        if self.called:
            answer = self.called.encode() + b" " + body
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n" % len(answer)
                + b"Connection: close, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\n"
                + b"X-Backend: %s\r\n\r\n%s" % (self.called.encode(), answer)
            )


def dead():
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return "127.0.0.1:%d" % listener.getsockname()[1]


class Slow:
    """A body of which the first block is there; the second is not asked for in vain."""

    def __init__(self, block):
        self.block, self.asked, self.closed = block, 0, 0

    def __iter__(self):
        while self.asked < 2:
            self.asked += 1
            yield self.block

    def close(self):
        self.closed += 1


def forward_with(balancer, forward):
    """Puts a backend of our own in the place of those that are asked over the network, however the balancer imports it."""
    for module in (balancer, sys.modules["remote"]):
        module.forward = forward


def half_stored(stored, environ):
    """The first backend breaks when it has read the body; the next stores what is left of it."""
    stored.append(environ["wsgi.input"].read())
    if len(stored) == 1:
        raise sys.modules["remote"].NoAnswer("a")
    return "201 Created", [], [b"stored"]


def not_reached(asked, backend):
    asked.append(backend)
    raise sys.modules["remote"].NotReached(backend)


def streamed(balancer, backend, name, random):
    """How far the body of a backend is read when the first block is there, and whether it is closed."""
    body = Slow(random.encode())
    forward_with(balancer, lambda *arguments: ("200 OK", [], body))
    iterable = balancer.LoadBalancer([backend.address])(glass_course.environ(), lambda *arguments: None)
    first = next(iter(iterable))
    asked = body.asked
    if hasattr(iterable, "close"):
        iterable.close()
    return {"first": first, "asked": asked, "closed": body.closed}


class Broken(Exception):
    """The balancer raised: the argument says what."""


def check(name, random):
    try:
        return balance(name, random)
    except Broken as broken:
        return {"error": broken.args[0]}


def balance(name, random):
    balancer = glass_course.load("balancer.py")
    a, b, mute = Backend("A" + random), Backend("B" + random), Backend("")

    def ask(app, *arguments, **more):
        result = glass_course.call(app, glass_course.environ(*arguments, **more))
        if result["error"]:
            raise Broken(result["error"])
        return result

    if name == "in-turn":
        app = balancer.LoadBalancer([a.address, b.address])
        return {"order": "".join(ask(app, "GET", "/x")["body"][:1] for _ in range(4))}
    if name == "the-request":
        fields = {"X-Y": random, "Connection": "X-Hop", "X-Hop": "1"}
        ask(balancer.LoadBalancer([a.address]), "POST", "/a%20b?q=" + random, fields, b"body")
        got = a.requests[0]
        got["x-y"], got["x-hop"], got["times"] = got["fields"].get("x-y"), got["fields"].get("x-hop"), len(a.requests)
        return got
    if name == "hop-by-hop":
        result = ask(balancer.LoadBalancer([a.address]), "GET", "/")
        return {"headers": sorted(pair[0].lower() for pair in result["headers"]), "status": result["status"]}
    if name == "dead-backend":
        app = balancer.LoadBalancer([dead(), b.address])
        return {"order": "".join(ask(app, "POST", "/x", None, random.encode())["body"] for _ in range(2))}
    if name in ("block-by-block", "closes"):
        return streamed(balancer, a, name, random)
    if name == "put-with-a-body":
        stored = []
        forward_with(balancer, lambda backend, environ, fields: half_stored(stored, environ))
        result = ask(balancer.LoadBalancer(["a", "b"]), "PUT", "/file", None, random.encode())
        return {"status": result["status"][:3], "stored": stored[1:]}
    if name == "buy-once":
        result = ask(balancer.LoadBalancer([mute.address, b.address]), "POST", "/buy?" + random)
        return {"status": result["status"][:3], "bought": len(mute.requests) + len(b.requests)}
    if name == "ask-again":
        result = ask(balancer.LoadBalancer([mute.address, b.address]), "GET", "/")
        return {"status": result["status"][:3], "body": result["body"]}
    asked = []
    forward_with(balancer, lambda backend, environ, fields: not_reached(asked, backend))
    result = ask(balancer.LoadBalancer(["a", "b"]), "GET", "/")
    return {"status": result["status"][:3], "asked": sorted(asked)}
