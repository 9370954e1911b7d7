"""Eventlet: serve_eventlet.py PORT MODULE"""

import importlib
import sys

import eventlet

eventlet.monkey_patch()  # so that a call that waits lets others run

from eventlet import wsgi  # noqa: E402

port, module = sys.argv[1:]
wsgi.server(eventlet.listen(("127.0.0.1", int(port)), backlog=2048), importlib.import_module(module).application,
            custom_pool=eventlet.GreenPool(1024), log_output=False)
