"""bjoern: serve_bjoern.py PORT MODULE WORKERS"""

import importlib
import os
import sys

import bjoern

port, module, workers = sys.argv[1:]
bjoern.listen(importlib.import_module(module).application, "127.0.0.1", int(port))
for _ in range(int(workers) - 1):
    if os.fork() == 0:
        break
bjoern.run()
