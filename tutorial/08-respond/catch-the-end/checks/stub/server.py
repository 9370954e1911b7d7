"""Servers with three pages, /hello, /blocks and /empty (204): three are right, and five are broken, each in its own way.

    python server.py PORT right|with-length|lower-case|head-with-a-body|no-last-chunk|too-short|empty-with-a-length|decimal

The second argument says how it differs. It serves one client after another.
"""

import socketserver
import sys

FAULT = sys.argv[2]


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        method, target, version = self.rfile.readline().decode("latin-1").split(" ")
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        self.method = method
        if target == "/empty":
            self.head("204 No Content", ["Content-Length: 0"] if FAULT == "empty-with-a-length" else [])
        elif target == "/blocks" and FAULT != "with-length":
            self.head("200 OK", ["Transfer-Encoding: chunked"])
            self.body(b"".join(chunk(b"block %d of these\n" % number) for number in (1, 2)))
            self.body(b"" if FAULT == "no-last-chunk" else b"0\r\n\r\n")
        else:
            page = b"hello\n" if target == "/hello" else b"block 1 of these\nblock 2 of these\n"
            self.head("200 OK", [f"Content-Length: {len(page) - 2 * (FAULT == 'too-short')}"])
            self.body(page)

    def head(self, status, fields):
        lines = ["HTTP/1.1 " + status, "Content-Type: text/plain", *fields, "Connection: close", "", ""]
        text = "\r\n".join(lines)
        self.wfile.write((text.lower().replace("http", "HTTP") if FAULT == "lower-case" else text).encode("latin-1"))

    def body(self, data):
        if self.method != "HEAD" or FAULT == "head-with-a-body":
            self.wfile.write(data)


def chunk(block):
    return (b"%d" if FAULT == "decimal" else b"%x") % len(block) + b"\r\n" + block + b"\r\n"


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 16


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
