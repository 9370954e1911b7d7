"""werkzeug's development server, without its log: serve_werkzeug.py PORT MODULE WORKERS THREADS"""

import importlib
import logging
import sys

from werkzeug.serving import run_simple

port, module, workers, threads = sys.argv[1:]
logging.getLogger("werkzeug").setLevel(logging.ERROR)
threaded = int(threads) > 1
run_simple("127.0.0.1", int(port), importlib.import_module(module).application,
           threaded=threaded, processes=1 if threaded else int(workers))
