"""Tornado: serve_tornado.py PORT MODULE WORKERS"""

import importlib
import logging
import sys

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.wsgi import WSGIContainer

port, module, workers = sys.argv[1:]
logging.getLogger("tornado.access").setLevel(logging.ERROR)
server = HTTPServer(WSGIContainer(importlib.import_module(module).application), max_buffer_size=1 << 30)
server.bind(int(port), "127.0.0.1")
server.start(int(workers))
IOLoop.current().start()
