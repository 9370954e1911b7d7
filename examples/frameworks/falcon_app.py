"""Falcon. The callable is a falcon.App; resources are classes whose methods answer the HTTP methods.

Run:  go run . --python /usr/bin/python3 examples/frameworks/falcon_app.py
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib
from pathlib import Path

import falcon

STATIC = Path(__file__).resolve().parent / "static"


class Index:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Hello from Falcon"


class Hello:
    def on_get(self, req, resp, name):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = f"Hello {name}"


class EchoMedia:
    """What req.get_media() makes of a form or of JSON, as JSON."""

    def on_post(self, req, resp):
        resp.media = req.get_media()


class EchoBytes:
    def on_post(self, req, resp):
        resp.content_type = "application/octet-stream"
        resp.data = req.bounded_stream.read()


class Upload:
    def on_post(self, req, resp):
        for part in req.get_media():
            if part.name == "file":
                content = part.stream.read()
                resp.media = {
                    "filename": part.filename,
                    "size": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }


class Stream:
    def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.stream = (b"line %d\n" % number for number in range(5))


class Cookies:
    def on_get(self, req, resp):
        resp.set_cookie("a", "1", secure=False)
        resp.set_cookie("b", "2", secure=False)
        resp.text = "two cookies"


class Redirect:
    def on_get(self, req, resp):
        raise falcon.HTTPFound("/")


class Error:
    def on_get(self, req, resp):
        raise ValueError("raised in a resource")


app = falcon.App()
app.add_route("/", Index())
app.add_route("/hello/{name}", Hello())
app.add_route("/form", EchoMedia())
app.add_route("/json", EchoMedia())
app.add_route("/bytes", EchoBytes())
app.add_route("/upload", Upload())
app.add_route("/stream", Stream())
app.add_route("/cookies", Cookies())
app.add_route("/redirect", Redirect())
app.add_route("/error", Error())
app.add_static_route("/static", str(STATIC))
