"""A second method for what glass check says of a server: other code, another application, whole requests, no half-close.

    python3 check/testdata/second.py cheroot gevent Eventlet Tornado Twisted

It starts each server with an application that notes its calls, sends each request below in one piece, and looks at the
bytes that come until the server is silent or closes. A mark says that what a MUST forbids was seen.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

APPLICATION = r'''
import os
NOTES = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
SAYS = {
    "/crlf-status": ("200 OK\r\nX-Split: yes", []),
    "/lf-status": ("200 OK\nX-Split: yes", []),
    "/nul-status": ("200 O\0K", []),
    "/crlf-name": ("200 OK", [("X-A: b\r\nX-Split", "yes")]),
    "/colon-name": ("200 OK", [("X-Split: no", "yes")]),
    "/space-name": ("200 OK", [("X Split", "yes")]),
    "/empty-name": ("200 OK", [("", "yes")]),
    "/nul-name": ("200 OK", [("X-\0", "yes")]),
    "/crlf-value": ("200 OK", [("X-A", "b\r\nX-Split: yes")]),
    "/lf-value": ("200 OK", [("X-A", "b\nX-Split: yes")]),
    "/cr-value": ("200 OK", [("X-A", "b\rX-Split: yes")]),
    "/nul-value": ("200 OK", [("X-A", "b\0c")]),
    "/control-value": ("200 OK", [("X-A", "b\x1bc")]),
    "/long-status": ("2000 OK", []),
    "/short-status": ("20 OK", []),
    "/two-lengths": ("200 OK", [("Content-Length", "7"), ("Content-Length", "3")]),
    "/equal-lengths": ("200 OK", [("Content-Length", "7"), ("Content-Length", "7")]),
    "/negative-length": ("200 OK", [("Content-Length", "-7")]),
    "/letters-length": ("200 OK", [("Content-Length", "seven")]),
    "/plus-length": ("200 OK", [("Content-Length", "+7")]),
    "/list-length": ("200 OK", [("Content-Length", "7,7")]),
    "/coding": ("200 OK", [("Transfer-Encoding", "chunked")]),
    "/gzip-coding": ("200 OK", [("Transfer-Encoding", "gzip")]),
    "/close": ("200 OK", [("Content-Length", "7"), ("Connection", "close")]),
    "/upgrade": ("200 OK", [("Content-Length", "7"), ("Upgrade", "x"), ("Connection", "upgrade")]),
    "/101": ("101 Switching Protocols", []),
    "/204": ("204 No Content", []),
    "/204-length": ("204 No Content", [("Content-Length", "7")]),
    "/304": ("304 Not Modified", []),
}
def application(environ, start_response):
    path = environ["PATH_INFO"]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) if environ.get("CONTENT_LENGTH", "").isdigit() else b""
    os.write(NOTES, ("%s %s host=%s\n" % (environ["REQUEST_METHOD"], path, environ.get("HTTP_HOST"))).encode("latin-1", "replace"))
    status, headers = SAYS.get(path, ("200 OK", []))
    start_response(status, headers + [("Content-Type", "text/plain")])
    return [b"1234567"]
'''

SERVERS = {
    "cheroot": ("-c", "import sys\nfrom cheroot.wsgi import Server\nfrom noting import application\nServer(('127.0.0.1', int(sys.argv[1])), application).start()", "{port}"),
    "gevent": ("-c", "import sys\nfrom gevent import monkey\nmonkey.patch_all()\nfrom gevent.pywsgi import WSGIServer\nfrom noting import application\nWSGIServer(('127.0.0.1', int(sys.argv[1])), application).serve_forever()", "{port}"),
    "Eventlet": ("-c", "import sys, eventlet\neventlet.monkey_patch()\nfrom eventlet import wsgi\nfrom noting import application\nwsgi.server(eventlet.listen(('127.0.0.1', int(sys.argv[1]))), application)", "{port}"),
    "Tornado": ("-c", "import sys\nfrom tornado.httpserver import HTTPServer\nfrom tornado.ioloop import IOLoop\nfrom tornado.wsgi import WSGIContainer\nfrom noting import application\nHTTPServer(WSGIContainer(application)).listen(int(sys.argv[1]), '127.0.0.1')\nIOLoop.current().start()", "{port}"),
    "Twisted": ("-m", "twisted", "web", "--wsgi=noting.application", "--listen=tcp:{port}:interface=127.0.0.1"),
    "wsgiref": ("-c", "import sys\nfrom wsgiref.simple_server import make_server\nfrom noting import application\nmake_server('127.0.0.1', int(sys.argv[1]), application).serve_forever()", "{port}"),
    "waitress": ("-m", "waitress", "--listen=127.0.0.1:{port}", "noting:application"),
    "gunicorn-sync": ("-m", "gunicorn", "-b", "127.0.0.1:{port}", "noting:application"),
    "gunicorn-gthread": ("-m", "gunicorn", "--threads", "8", "-b", "127.0.0.1:{port}", "noting:application"),
    "uWSGI": ("-c", "import os, sys\nos.execvp('uwsgi', ['uwsgi', '--plugin', 'python3', '--http-socket', '127.0.0.1:' + sys.argv[1], '--wsgi-file', 'noting.py', '--master', '--threads', '8'])", "{port}"),
    "werkzeug": ("-c", "import sys\nfrom werkzeug.serving import run_simple\nfrom noting import application\nrun_simple('127.0.0.1', int(sys.argv[1]), application, threaded=True)", "{port}"),
}

HEAD = b"GET /victim HTTP/1.1\r\nHost: x\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"5\r\nhello\r\n0\r\n\r\n"


def post(fields, body, version=b"1.1"):
    return b"POST /victim HTTP/" + version + b"\r\nHost: x\r\n" + fields + b"\r\n" + body


def refused(notes, wire):
    """A request that MUST be refused came to the application."""
    return any("/victim" in note for note in notes)


def smuggled(notes, wire):
    """A request within what is a body for another reader was carried out."""
    return any("/smuggled" in note for note in notes)


def either(notes, wire):
    return refused(notes, wire) or smuggled(notes, wire)


def on_wire(pattern):
    """Something is in the head of the response that must not be there."""
    def sees(notes, wire):
        head = wire.partition(b"\r\n\r\n")[0]
        return re.search(pattern, head + b"\r\n", re.S | re.I) is not None
    return sees


def body_behind(status):
    """Bytes come behind the head of a response that has no body."""
    def sees(notes, wire):
        return re.match(rb"HTTP/1.[01] " + status + rb".*?\r\n\r\n.", wire, re.S) is not None
    return sees


def two_codings(notes, wire):
    """The body is not in the chunks that the head announces: it is said twice, or not true."""
    codings = len(re.findall(rb"\r\ntransfer-encoding: chunked(?=\r\n)", wire, re.S | re.I))
    return codings > 1 or codings == 1 and re.search(rb"\r\n\r\n7\r\n1234567\r\n0\r\n\r\n", wire) is None


def get(path, fields=b"", version=b"1.1"):
    return b"GET " + path + b" HTTP/" + version + b"\r\nHost: x\r\n" + fields + b"\r\n"


CASES = [
    # smuggling: these two ways to find the end of a body, or this head, MUST be refused
    ("smuggling", "two Content-Length that differ", post(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(NEXT), NEXT), either),
    ("smuggling", "Content-Length: +5", post(b"Content-Length: +5\r\n", b"hello"), refused),
    ("smuggling", "Content-Length: 1_0", post(b"Content-Length: 1_0\r\n", b"helloworld"), refused),
    ("smuggling", "Content-Length after VT", post(b"Content-Length: \x0b5\r\n", b"hello"), refused),
    ("smuggling", "Content-Length: 5, then +5", post(b"Content-Length: 5\r\nContent-Length: +5\r\n", b"hello"), refused),
    ("smuggling", "Content-Length with a space before the colon", post(b"Content-Length : 5\r\n", b"hello"), refused),
    ("smuggling", "Transfer-Encoding with a space before the colon", post(b"Transfer-Encoding : chunked\r\n", CHUNKED), refused),
    ("smuggling", "X-A with a space before the colon", HEAD + b"X-A : b\r\n\r\n", refused),
    ("smuggling", "X-A with a tab before the colon", HEAD + b"X-A\t: b\r\n\r\n", refused),
    ("smuggling", "CL.TE: the request behind the chunks", post(b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % (len(NEXT) + 5), b"0\r\n\r\n" + NEXT), smuggled),
    ("smuggling", "TE.CL: the request in the chunk", post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"%x\r\n" % len(NEXT) + NEXT + b"\r\n0\r\n\r\n"), smuggled),
    ("smuggling", "TE.0: the request in the chunk", post(b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", b"%x\r\n" % len(NEXT) + NEXT + b"\r\n0\r\n\r\n"), smuggled),
    ("smuggling", "Transfer-Encoding: xchunked", post(b"Transfer-Encoding: xchunked\r\n", b""), refused),
    ("smuggling", "Transfer-Encoding: chunked, identity", post(b"Transfer-Encoding: chunked, identity\r\n", CHUNKED), refused),
    ("smuggling", "Transfer-Encoding: gzip", post(b"Transfer-Encoding: gzip\r\n", b""), refused),
    ("smuggling", "Transfer-Encoding: VT chunked", post(b"Transfer-Encoding: \x0bchunked\r\n", CHUNKED), refused),
    ("smuggling", "Transfer-Encoding: \"chunked\"", post(b"Transfer-Encoding: \"chunked\"\r\n", CHUNKED), refused),
    ("smuggling", "a request behind xchunked", post(b"Transfer-Encoding: xchunked\r\n", NEXT), smuggled),
    ("smuggling", "bare CR in a value", HEAD + b"X-A: b\rc\r\n\r\n", refused),
    ("smuggling", "NUL in a value", HEAD + b"X-A: b\0c\r\n\r\n", refused),
    ("smuggling", "a first line that begins with a space", b"GET /victim HTTP/1.1\r\n X-A: b\r\nHost: x\r\n\r\n", refused),
    ("smuggling", "CR CR LF", HEAD + b"X-A: b\r\r\n\r\n", refused),
    # splitting: none of this may reach the wire
    ("splitting", "CR LF in the status", get(b"/crlf-status"), on_wire(rb"\r\nX-Split: yes")),
    ("splitting", "LF in the status", get(b"/lf-status"), on_wire(rb"\nX-Split: yes")),
    ("splitting", "NUL in the status", get(b"/nul-status"), on_wire(rb"\0")),
    ("splitting", "CR LF in a name", get(b"/crlf-name"), on_wire(rb"\r\nX-Split: yes")),
    ("splitting", "a colon in a name", get(b"/colon-name"), on_wire(rb"X-Split: no")),
    ("splitting", "a space in a name", get(b"/space-name"), on_wire(rb"X Split")),
    ("splitting", "an empty name", get(b"/empty-name"), on_wire(rb"\r\n: ?yes")),
    ("splitting", "NUL in a name", get(b"/nul-name"), on_wire(rb"\0")),
    ("splitting", "CR LF in a value", get(b"/crlf-value"), on_wire(rb"\r\nX-Split: yes")),
    ("splitting", "LF in a value", get(b"/lf-value"), on_wire(rb"\nX-Split: yes")),
    ("splitting", "CR in a value", get(b"/cr-value"), on_wire(rb"\rX-Split: yes")),
    ("splitting", "NUL in a value", get(b"/nul-value"), on_wire(rb"\0")),
    ("splitting", "ESC in a value", get(b"/control-value"), on_wire(rb"\x1b")),
    # framing
    ("framing", "a status of four digits", get(b"/long-status"), on_wire(rb"^HTTP/1.[01] 2000")),
    ("framing", "a status of two digits", get(b"/short-status"), on_wire(rb"^HTTP/1.[01] 20 ")),
    ("framing", "two Content-Length that differ", get(b"/two-lengths"), on_wire(rb"Content-Length: 7\r\n.*Content-Length: 3\r\n")),
    ("framing", "two Content-Length that are equal", get(b"/equal-lengths"), on_wire(rb"Content-Length: 7\r\n.*Content-Length: 7\r\n")),
    ("framing", "Content-Length: -7", get(b"/negative-length"), on_wire(rb"Content-Length: -7")),
    ("framing", "Content-Length: seven", get(b"/letters-length"), on_wire(rb"Content-Length: seven")),
    ("framing", "Content-Length: +7", get(b"/plus-length"), on_wire(rb"Content-Length: \+7")),
    ("framing", "Content-Length: 7,7", get(b"/list-length"), on_wire(rb"Content-Length: 7,7")),
    ("framing", "the application's Transfer-Encoding: chunked", get(b"/coding"), two_codings),
    ("framing", "Transfer-Encoding: gzip", get(b"/gzip-coding"), on_wire(rb"Transfer-Encoding: gzip")),
    ("framing", "Connection: close, and another request is answered", get(b"/close") + NEXT, lambda notes, wire: b"onnection: close" in wire and smuggled(notes, wire)),
    ("framing", "Upgrade is announced", get(b"/upgrade"), on_wire(rb"Upgrade: x")),
    ("framing", "101 is sent", get(b"/101"), on_wire(rb"^HTTP/1.[01] 101")),
    ("framing", "204 with a body", get(b"/204", b"Connection: close\r\n"), body_behind(b"204")),
    ("framing", "204 with Content-Length", get(b"/204-length"), on_wire(rb"^HTTP/1.[01] 204.*Content-Length")),
    ("framing", "304 with a body", get(b"/304", b"Connection: close\r\n"), body_behind(b"304")),
    ("framing", "HEAD with a body", b"HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", body_behind(b"200")),
    ("framing", "100 (Continue) to HTTP/1.0", post(b"Content-Length: 5\r\nExpect: 100-continue\r\n", b"hello", b"1.0"), lambda notes, wire: wire.startswith((b"HTTP/1.1 100", b"HTTP/1.0 100"))),
    ("framing", "a request behind Connection: x, close", get(b"/x", b"Connection: x, close\r\n") + NEXT, smuggled),
    ("framing", "a request behind Connection: close", get(b"/x", b"Connection: close\r\n") + NEXT, smuggled),
    # requests
    ("requests", "no Host", b"GET /victim HTTP/1.1\r\n\r\n", refused),
    ("requests", "two Host", HEAD + b"Host: y\r\n\r\n", refused),
] + [("requests", "Host: " + repr(host)[2:-1], b"GET /victim HTTP/1.1\r\nHost: " + host + b"\r\n\r\n", refused) for host in (
    b"a b", b"a\tb", b"u@x", b"x/y", b"x?y", b"x#y", b"http://x", b"x, y", b"x:y", b"x:+80", b"x:1:2", b"::1", b"[::1", b"[::1]x", b"[x]",
    b"[]", b"[127.0.0.1]", b"x%", b"\"x\"", b"<x>", b"x\\y", b"{x}", b"x\0y", b"x\x7fy", b"x\xe9y", b"x\xa0")] + [
    ("requests", "absolute-form is not accepted, or does not replace Host", b"GET http://real/victim HTTP/1.1\r\nHost: other\r\n\r\n",
     lambda notes, wire: not any(note == "GET /victim host=real" for note in notes)),
]


def talk(port, request):
    """Everything that comes until the server closes, or says nothing for a second."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.settimeout(1)
        wire = b""
        try:
            s.sendall(request)
            while block := s.recv(65536):
                wire += block
        except (TimeoutError, ConnectionError):
            pass
    return wire


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def check(name, folder):
    port, notes = free_port(), folder + "/notes-" + name
    with open(folder + "/noting.py", "w") as f:
        f.write(APPLICATION)
    command = ["/usr/bin/python3"] + [part.replace("{port}", str(port)) for part in SERVERS[name]]
    with subprocess.Popen(command, cwd=folder, env={**os.environ, "NOTES": notes, "PYTHONPATH": folder},
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.1)
            for matter, what, request, is_wrong in CASES:
                open(notes, "a").close()
                os.truncate(notes, 0)
                wire = talk(port, request)
                time.sleep(0.3)  # a request may be carried out after the connection has ended
                seen = open(notes, encoding="latin-1").read().splitlines()
                yield matter, what, is_wrong(seen, wire), seen, wire
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # its workers, too


with tempfile.TemporaryDirectory() as folder:
    for name in sys.argv[1:]:
        counts = {}
        for matter, what, wrong, notes, wire in check(name, folder):
            n = counts.setdefault(matter, [0, 0])
            n[0] += wrong
            n[1] += 1
            print("%-9s %-10s %-70s %s %s %.90r" % (name, matter, what, "WRONG" if wrong else "  -  ", notes, wire))
        print("=", name, ", ".join("%s %d/%d" % (m, *n) for m, n in counts.items()))
