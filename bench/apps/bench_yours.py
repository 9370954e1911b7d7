"""Finds the application that was given to `glass bench`, so that every server can be told MODULE:CALLABLE alike."""

import importlib
import importlib.util
import os
import re
import sys

PLACE, _, NAME = os.environ["GLASS_BENCH_APP"].rpartition(":") if re.search(r":[^/\\]*$", os.environ["GLASS_BENCH_APP"]) \
    else (os.environ["GLASS_BENCH_APP"], "", "")

sys.path.insert(0, os.getcwd())
if PLACE.endswith(".py"):
    sys.path.insert(0, os.path.dirname(os.path.abspath(PLACE)))
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(PLACE))[0], PLACE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
else:
    module = importlib.import_module(PLACE)

if NAME:
    application = eval(NAME, vars(module))  # a name, obj.attr or factory(): written by the user, as for every server
else:
    application = module.application if hasattr(module, "application") else module.app
