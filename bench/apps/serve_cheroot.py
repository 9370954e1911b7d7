"""cheroot: serve_cheroot.py PORT MODULE THREADS"""

import importlib
import sys

from cheroot.wsgi import Server

port, module, threads = sys.argv[1:]
Server(("127.0.0.1", int(port)), importlib.import_module(module).application, numthreads=int(threads)).start()
