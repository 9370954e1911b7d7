"""web.py. The callable comes from web.application(...).wsgifunc(); StaticMiddleware serves ./static, hence --chdir.

Run:  go run . --python /usr/bin/python3 --chdir examples/frameworks webpy_app:application
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib
import json

import web
from web.httpserver import StaticMiddleware

web.config.debug = False  # no reloader, and no traceback to the peer

urls = (
    "/", "Index",
    "/hello/(.+)", "Hello",
    "/form", "Form",
    "/json", "Json",
    "/bytes", "Bytes",
    "/upload", "Upload",
    "/stream", "Stream",
    "/cookies", "Cookies",
    "/redirect", "Redirect",
    "/error", "Error",
)


class Index:
    def GET(self):
        web.header("Content-Type", "text/plain; charset=utf-8")
        return "Hello from web.py"


class Hello:
    def GET(self, name):
        web.header("Content-Type", "text/plain; charset=utf-8")
        return f"Hello {name}"


class Form:
    def POST(self):
        web.header("Content-Type", "application/json")
        return json.dumps(web.input())


class Json:
    def POST(self):
        web.header("Content-Type", "application/json")
        return json.dumps(json.loads(web.data()))


class Bytes:
    def POST(self):
        web.header("Content-Type", "application/octet-stream")
        return web.data()


class Upload:
    def POST(self):
        file = web.input(file={}).file
        content = file.file.read()
        web.header("Content-Type", "application/json")
        return json.dumps({
            "filename": file.filename,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        })


class Stream:
    def GET(self):
        web.header("Content-Type", "text/plain; charset=utf-8")
        for number in range(5):
            yield f"line {number}\n"


class Cookies:
    def GET(self):
        web.setcookie("a", "1")
        web.setcookie("b", "2")
        return "two cookies"


class Redirect:
    def GET(self):
        raise web.found("/")


class Error:
    def GET(self):
        raise ValueError("raised in a page")


application = web.application(urls, globals()).wsgifunc(StaticMiddleware)
