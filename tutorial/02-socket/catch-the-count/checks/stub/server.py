"""The server of this chapter, in several versions: three are right, and five are broken, each in its own way.

    python server.py PORT right|other-order|slowly|characters|bare-lf|stays-open|half|gbk

The second argument says how it differs. It serves one client after another.
"""

import socketserver
import sys
import time

FAULT = sys.argv[2]

PAGE = "<h1>你好</h1>"


def response():
    """Head and page, as bytes."""
    page = PAGE.encode("gbk" if FAULT == "gbk" else "utf-8")
    length = len(PAGE) if FAULT == "characters" else len(page)
    fields = ["Content-Type: text/html;charset=utf-8", f"Content-Length: {length}"]
    if FAULT == "other-order":
        fields = ["content-length: 15", "server: another", "content-type: text/html; charset=UTF-8"]
    end = "\n" if FAULT == "bare-lf" else "\r\n"
    return end.join(["HTTP/1.0 200 OK", *fields, "", ""]).encode("latin-1"), page


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        if not self.request.recv(1024):
            return
        head, page = response()
        self.request.sendall(head)
        if FAULT == "slowly":
            time.sleep(0.5)  # a response may come in two parts
        self.request.sendall(page[:-5] if FAULT == "half" else page)
        if FAULT == "stays-open":
            time.sleep(60)


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 16


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
