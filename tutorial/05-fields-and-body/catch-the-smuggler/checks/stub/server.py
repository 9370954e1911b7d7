"""Servers that answer a request with its body: two are right, and five are broken, each in its own way.

    python server.py PORT right|closes|space|both|two-lengths|plus|obs-fold

The second argument says how it differs. It serves one client after another.
"""

import re
import socket
import socketserver
import sys

FAULT = sys.argv[2]


class Refused(Exception):
    pass


class Handler(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self):
        try:
            while self.rfile.readline():
                self.answer(b"200 OK", self.body(self.fields()))
        except Refused:
            if FAULT != "closes":
                self.answer(b"400 Bad Request", b"")
                self.connection.shutdown(socket.SHUT_WR)
                self.rfile.read()  # closing with unread bytes could overtake the answer

    def fields(self):
        """Names, in lower case, and values; the first of several, where it should refuse them."""
        found = []
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            name, colon, value = line.rstrip(b"\r\n").partition(b":")
            if line[:1] in b" \t" and FAULT == "obs-fold":
                continue
            if FAULT == "space":
                name = name.rstrip()
            if not colon or not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                raise Refused
            found.append((name.lower(), value.strip(b" \t")))
        return found

    def body(self, fields):
        lengths = [value for name, value in fields if name == b"content-length"]
        chunked = any(name == b"transfer-encoding" for name, value in fields)
        if chunked and lengths and FAULT != "both" or len(lengths) > 1 and FAULT != "two-lengths":
            raise Refused
        if chunked and not lengths:
            raise Refused  # this server knows no chunks
        length = lengths[0] if lengths else b"0"
        if not re.fullmatch(rb"\+?[0-9]+" if FAULT == "plus" else rb"[0-9]+", length):
            raise Refused
        return self.rfile.read(int(length))

    def answer(self, status, body):
        self.wfile.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 16


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
