"""What belongs to one request is on an object of its own, and not on the server. The argument is the port."""

import socket
import sys
import threading
import traceback

from app import application


class WSGIServer:
    def __init__(self, port):
        self.listen_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listen_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listen_socket.bind(("127.0.0.1", port))
        self.listen_socket.listen(64)

    def serve_forever(self):
        while True:
            connection, client_address = self.listen_socket.accept()
            threading.Thread(target=Exchange(connection).run, daemon=True).start()


class Exchange:
    """One request and its response."""

    def __init__(self, connection):
        self.client_connection = connection
        self.request_data = b""
        self.headers_set = None

    def run(self):
        with self.client_connection:  # closes it, whatever happens
            try:
                self.handle_one_request()
            except Exception:
                traceback.print_exc()
                self.client_connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n")

    def handle_one_request(self):
        while b"\r\n\r\n" not in self.request_data:
            piece = self.client_connection.recv(1024)
            if not piece:
                return
            self.request_data += piece
        result = application(self.get_environ(), self.start_response)
        self.finish_response(result)

    def get_environ(self):
        request_line = self.request_data.split(b"\r\n")[0].decode("latin-1")
        self.request_method, self.path, self.request_version = request_line.split(" ")
        return {"REQUEST_METHOD": self.request_method, "PATH_INFO": self.path, "wsgi.multithread": True}

    def start_response(self, status, response_headers, exc_info=None):
        self.headers_set = [status, response_headers]

    def finish_response(self, result):
        status, response_headers = self.headers_set
        lines = ["HTTP/1.1 " + status]
        lines += ["%s: %s" % header for header in response_headers]
        head = "\r\n".join(lines + ["Connection: close", "", ""]).encode("latin-1")
        self.client_connection.sendall(head + b"".join(result))


WSGIServer(int(sys.argv[1])).serve_forever()
