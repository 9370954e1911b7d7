"""Somebody has added threads to a server that was right for one client. Its argument is the port.

It keeps what belongs to one request on itself, and there is one of it for all requests.
"""

import socket
import sys
import threading

from app import application


class WSGIServer:
    def __init__(self, port):
        self.listen_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listen_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listen_socket.bind(("127.0.0.1", port))
        self.listen_socket.listen(64)

    def serve_forever(self):
        while True:
            self.client_connection, client_address = self.listen_socket.accept()
            threading.Thread(target=self.handle_one_request, daemon=True).start()

    def handle_one_request(self):
        self.request_data = b""
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
        self.client_connection.close()


WSGIServer(int(sys.argv[1])).serve_forever()
