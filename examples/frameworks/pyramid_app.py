"""Pyramid. The callable is the router that Configurator.make_wsgi_app() returns.

Run:  go run . --python /usr/bin/python3 examples/frameworks/pyramid_app.py
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib
from pathlib import Path

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.response import Response

STATIC = Path(__file__).resolve().parent / "static"


def index(request):
    return Response("Hello from Pyramid", content_type="text/plain", charset="utf-8")


def hello(request):
    name = request.matchdict["name"]
    return Response(f"Hello {name}", content_type="text/plain", charset="utf-8")


def form(request):
    return dict(request.POST)


def echo_json(request):
    return request.json_body


def echo_bytes(request):
    return Response(request.body, content_type="application/octet-stream")


def upload(request):
    file = request.POST["file"]
    content = file.file.read()
    return {"filename": file.filename, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def stream(request):
    lines = (b"line %d\n" % number for number in range(5))
    return Response(app_iter=lines, content_type="text/plain", charset="utf-8")


def cookies(request):
    response = Response("two cookies")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def go_home(request):
    return HTTPFound(location=request.route_path("index"))


def error(request):
    raise ValueError("raised in a view")


def make_application():
    with Configurator() as config:
        config.add_static_view("static", str(STATIC))
        for view, path, options in [
            (index, "/", {"request_method": "GET"}),
            (hello, "/hello/{name}", {"request_method": "GET"}),
            (form, "/form", {"request_method": "POST", "renderer": "json"}),
            (echo_json, "/json", {"request_method": "POST", "renderer": "json"}),
            (echo_bytes, "/bytes", {"request_method": "POST"}),
            (upload, "/upload", {"request_method": "POST", "renderer": "json"}),
            (stream, "/stream", {"request_method": "GET"}),
            (cookies, "/cookies", {"request_method": "GET"}),
            (go_home, "/redirect", {"request_method": "GET"}),
            (error, "/error", {"request_method": "GET"}),
        ]:
            config.add_route(view.__name__, path)
            config.add_view(view, route_name=view.__name__, **options)
        return config.make_wsgi_app()


application = make_application()
