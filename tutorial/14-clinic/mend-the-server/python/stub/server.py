"""A WSGI server in ninety lines, as a well-known article has it. It serves a page, and breaks in twenty-seven ways.

    python server.py 8888 app:application

Mend it probe by probe. Its shape is right: it is the shape of every WSGI server.
"""

import io
import socket
import sys


class WSGIServer:
    def __init__(self, port, application):
        self.application = application
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(16)
        self.server_name, self.server_port = self.listener.getsockname()
        self.head = []

    def serve_forever(self):
        while True:
            self.connection, address = self.listener.accept()
            self.handle_one_request()

    def handle_one_request(self):
        self.request = self.connection.recv(1024).decode("utf-8")
        self.parse_request(self.request)
        environ = self.get_environ()
        result = self.application(environ, self.start_response)
        self.finish_response(result)

    def parse_request(self, text):
        request_line = text.splitlines()[0].rstrip("\r\n")
        self.method, self.path, self.version = request_line.split()

    def get_environ(self):
        return {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.StringIO(self.request),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "SERVER_NAME": self.server_name,
            "SERVER_PORT": str(self.server_port),
        }

    def start_response(self, status, headers, exc_info=None):
        self.head = [status, headers + [("Server", "WSGIServer 0.2")]]
        # PEP 3333 wants a write() callable returned here; for simplicity we do without

    def finish_response(self, result):
        try:
            status, headers = self.head
            response = "HTTP/1.1 %s\r\n" % status
            for header in headers:
                response += "%s: %s\r\n" % header
            response += "\r\n"
            for data in result:
                response += data.decode("utf-8")
            self.connection.sendall(response.encode("utf-8"))
        finally:
            self.connection.close()
            self.head = []


def main():
    module, name = sys.argv[2].split(":")
    application = getattr(__import__(module), name)
    WSGIServer(int(sys.argv[1]), application).serve_forever()


main()
