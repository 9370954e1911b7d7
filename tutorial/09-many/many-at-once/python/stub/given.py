"""One exchange, as in chapter 8, and the application of the checks."""

import json
import os
import re
import socket
import threading
import traceback

TIMEOUT = 10  # seconds for which a silent client is waited for
PARTY = 4  # so many requests to /meet/... wait for each other


def listen(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    return listener


def exchange(connection, multithread):
    """One request and its response. Raises ConnectionError if the client leaves."""
    connection.settimeout(TIMEOUT)
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(4096)
        if not piece:
            raise ConnectionError("the client left")
        received += piece
    match = re.match(rb"([A-Z]+) (/[!-~]*) HTTP/1\.[0-9]\r\n", received)
    status, body = "400 Bad Request", b""
    if match:
        environ = {"PATH_INFO": match[2].decode("latin-1"), "wsgi.multithread": multithread, "wsgi.multiprocess": False}
        try:
            status, body = "200 OK", b"".join(page(environ))
        except Exception:
            traceback.print_exc()
            status = "500 Internal Server Error"
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode("latin-1") + body)


barrier = threading.Barrier(PARTY)


def page(environ):
    """The environ as JSON. Below /meet/, it waits until PARTY requests are here at the same time."""
    if environ["PATH_INFO"].startswith("/meet/"):
        try:
            barrier.wait(TIMEOUT)
        except threading.BrokenBarrierError:
            barrier.reset()
            raise
    return [json.dumps({**environ, "connections": connections()}).encode("ascii")]


def connections():
    """How many connections this process has accepted and not closed; None, where the system does not say it as Linux does."""
    try:
        files = os.listdir("/proc/self/fd")
    except OSError:
        return None
    return sum(os.path.realpath(f"/proc/self/fd/{file}").rpartition("/")[2].startswith("socket:") for file in files) - 1
