"""CherryPy. The callable is the Application that cherrypy.tree.mount() returns; CherryPy's own server is never started.

Run:  go run . --python /usr/bin/python3 examples/frameworks/cherrypy_app.py
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib
import logging
import sys
from pathlib import Path

import cherrypy

STATIC = Path(__file__).resolve().parent / "static"


class Root:
    @cherrypy.expose
    @cherrypy.tools.response_headers(headers=[("Content-Type", "text/plain")])
    def index(self):
        return "Hello from CherryPy"

    @cherrypy.expose
    @cherrypy.tools.response_headers(headers=[("Content-Type", "text/plain")])
    def hello(self, name):
        return f"Hello {name}"

    @cherrypy.expose
    @cherrypy.tools.allow(methods=["POST"])
    @cherrypy.tools.json_out()
    def form(self, **fields):
        return fields

    @cherrypy.expose
    @cherrypy.tools.allow(methods=["POST"])
    @cherrypy.tools.json_in()
    @cherrypy.tools.json_out()
    def json(self):
        return cherrypy.request.json

    @cherrypy.expose
    @cherrypy.tools.allow(methods=["POST"])
    def bytes(self):
        cherrypy.response.headers["Content-Type"] = "application/octet-stream"
        return cherrypy.request.body.read()

    @cherrypy.expose
    @cherrypy.tools.allow(methods=["POST"])
    @cherrypy.tools.json_out()
    def upload(self, file, **others):
        content = file.file.read()
        return {"filename": file.filename, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    @cherrypy.expose
    @cherrypy.config(**{"response.stream": True})
    def stream(self):
        cherrypy.response.headers["Content-Type"] = "text/plain"
        for number in range(5):
            yield f"line {number}\n"

    @cherrypy.expose
    def cookies(self):
        cherrypy.response.cookie["a"] = "1"
        cherrypy.response.cookie["b"] = "2"
        return "two cookies"

    @cherrypy.expose
    def redirect(self):
        raise cherrypy.HTTPRedirect("/", 302)

    @cherrypy.expose
    def error(self):
        raise ValueError("raised in a page")


cherrypy.config.update({"environment": "embedded"})  # somebody else's server: no signals, no reloader, no log on screen
cherrypy.log.error_log.addHandler(logging.StreamHandler(sys.stderr))

application = cherrypy.tree.mount(Root(), "", {
    "/static": {"tools.staticdir.on": True, "tools.staticdir.dir": str(STATIC)},
})
