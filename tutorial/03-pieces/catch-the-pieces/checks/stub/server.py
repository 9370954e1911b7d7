"""Servers that answer each request with its request-target: three are right, and four are broken, each in its own way.

    python server.py PORT right|slowly|with-400|reads-once|loses-the-rest|answers-the-half|dies

The second argument says how it differs. It serves one client after another.
"""

import socketserver
import sys
import time

FAULT = sys.argv[2]


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        if FAULT == "reads-once":
            return self.answer(b"200 OK", target(self.request.recv(1024)))
        while line := self.rfile.readline():
            whole = self.skip_fields()
            if whole or FAULT == "answers-the-half":
                self.answer(b"200 OK", target(line))
            elif FAULT == "with-400":
                self.answer(b"400 Bad Request", b"")
            elif FAULT == "dies":
                raise SystemExit("half a request: I give up")
            if not whole or FAULT == "loses-the-rest":
                return

    def skip_fields(self):
        """Reads through the empty line, and says whether it came."""
        while line := self.rfile.readline():
            if line == b"\r\n":
                return True
        return False

    def answer(self, status, body):
        if FAULT == "slowly":
            time.sleep(0.3)
        self.wfile.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))


def target(line):
    return b"".join(line.split(b" ")[1:2])


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 16


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
