"""What is not the loop: the pages, the listening socket, and a selector that counts its turns."""

import re
import selectors
import socket

PAGE = b"x" * 200_000  # more than the socket takes at once
FILM = b"x" * 8_000_000  # more than all the buffers between a server and a client hold


class Selector(selectors.DefaultSelector):
    """Counts how often it is asked: /turns tells whether the loop rests while nothing happens."""

    turns = 0

    def select(self, timeout=None):
        Selector.turns += 1
        return super().select(timeout)


def listen(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)  # small buffers, also for the connections
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def answer(received):
    """Answers the first request in received. Waits for nothing.

    Returns the response, how many bytes of received were the request, and whether another may follow. While the request
    is not complete, these are b"", 0 and True.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0 and len(received) > 65536:
        return response(b"431 Request Header Fields Too Large", b"", False), len(received), False
    if end < 0:
        return b"", 0, True
    match = re.fullmatch(rb"GET (/[!-~]*) HTTP/1[.]1", received[:end].partition(b"\r\n")[0])
    if not match:
        return response(b"400 Bad Request", b"", False), end + 4, False
    keep = not re.search(rb"(?i)\r\nConnection: *close\b", received[:end])
    return response(b"200 OK", page(match[1]), keep), end + 4, keep


def page(target):
    if target in (b"/page", b"/film"):
        return PAGE if target == b"/page" else FILM
    if target == b"/turns":
        turns, Selector.turns = Selector.turns, 0
        return b"calm\n" if turns < 200 else b"busy: %d turns\n" % turns
    if target == b"/":
        return b"Hello, world\n"
    return b"hello " + target + b"\n"


def response(status, page, keep):
    option = b"keep-alive" if keep else b"close"
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: %s\r\n\r\n%s" % (status, len(page), option, page)
