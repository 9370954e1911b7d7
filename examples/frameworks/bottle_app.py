"""Bottle. The callable is a Bottle object.

Run:  go run . --python /usr/bin/python3 examples/frameworks/bottle_app.py
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib
from pathlib import Path

from bottle import Bottle, redirect, request, response, static_file

STATIC = Path(__file__).resolve().parent / "static"

app = Bottle()


@app.get("/")
def index():
    response.content_type = "text/plain; charset=utf-8"
    return "Hello from Bottle"


@app.get("/hello/<name>")
def hello(name):
    response.content_type = "text/plain; charset=utf-8"
    return f"Hello {name}"


@app.post("/form")
def form():
    return dict(request.forms.decode())  # Bottle sends a dict as JSON


@app.post("/json")
def echo_json():
    return request.json


@app.post("/bytes")
def echo_bytes():
    response.content_type = "application/octet-stream"
    return request.body.read()


@app.post("/upload")
def upload():
    file = request.files["file"]
    content = file.file.read()
    return {"filename": file.raw_filename, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@app.get("/stream")
def stream():
    response.content_type = "text/plain; charset=utf-8"
    for number in range(5):
        yield f"line {number}\n"


@app.get("/cookies")
def cookies():
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return "two cookies"


@app.get("/redirect")
def go_home():
    redirect("/", 302)


@app.get("/error")
def error():
    raise ValueError("raised in a route")


@app.get("/static/<path:path>")
def static(path):
    return static_file(path, root=STATIC)
