"""wsgiref as it is, without its log: serve_wsgiref.py PORT MODULE"""

import importlib
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


port, module = sys.argv[1:]
make_server("127.0.0.1", int(port), importlib.import_module(module).application, handler_class=Handler).serve_forever()
