"""Werkzeug, the parts that Flask is made of: a URL map, request and response objects, middleware for static files.

Run:  go run . --python /usr/bin/python3 examples/frameworks/werkzeug_app.py
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib
import json
from pathlib import Path

from werkzeug.exceptions import HTTPException
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

STATIC = Path(__file__).resolve().parent / "static"


def index(request):
    return Response("Hello from Werkzeug", mimetype="text/plain")


def hello(request, name):
    return Response(f"Hello {name}", mimetype="text/plain")


def form(request):
    return as_json(request.form.to_dict())


def echo_json(request):
    return as_json(request.get_json())


def echo_bytes(request):
    return Response(request.get_data(), mimetype="application/octet-stream")


def upload(request):
    file = request.files["file"]
    content = file.read()
    return as_json({"filename": file.filename, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})


def stream(request):
    return Response((f"line {number}\n" for number in range(5)), mimetype="text/plain")


def cookies(request):
    response = Response("two cookies")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def go_home(request):
    return redirect("/")


def error(request):
    raise ValueError("raised in a view")


def as_json(value):
    return Response(json.dumps(value), mimetype="application/json")


URLS = Map([
    Rule("/", methods=["GET"], endpoint=index),
    Rule("/hello/<name>", methods=["GET"], endpoint=hello),
    Rule("/form", methods=["POST"], endpoint=form),
    Rule("/json", methods=["POST"], endpoint=echo_json),
    Rule("/bytes", methods=["POST"], endpoint=echo_bytes),
    Rule("/upload", methods=["POST"], endpoint=upload),
    Rule("/stream", methods=["GET"], endpoint=stream),
    Rule("/cookies", methods=["GET"], endpoint=cookies),
    Rule("/redirect", methods=["GET"], endpoint=go_home),
    Rule("/error", methods=["GET"], endpoint=error),
])


@Request.application
def pages(request):
    try:
        view, values = URLS.bind_to_environ(request.environ).match()
    except HTTPException as error_page:
        return error_page
    return view(request, **values)


application = SharedDataMiddleware(pages, {"/static": str(STATIC)})
