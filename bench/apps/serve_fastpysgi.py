"""FastPySGI: serve_fastpysgi.py PORT MODULE WORKERS"""

import importlib
import sys

import fastpysgi

port, module, workers = sys.argv[1:]
fastpysgi.server.max_content_length = 1 << 30  # by default 10 MB, less than the workload "upload" sends
fastpysgi.run(importlib.import_module(module).application, "127.0.0.1", int(port), workers=int(workers))
