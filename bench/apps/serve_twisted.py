"""Twisted: serve_twisted.py PORT MODULE THREADS"""

import importlib
import sys

from twisted.internet import reactor
from twisted.web.server import Site
from twisted.web.wsgi import WSGIResource

port, module, threads = sys.argv[1:]
reactor.suggestThreadPoolSize(int(threads))
site = Site(WSGIResource(reactor, reactor.getThreadPool(), importlib.import_module(module).application))
reactor.listenTCP(int(port), site, backlog=2048, interface="127.0.0.1")
reactor.run()
