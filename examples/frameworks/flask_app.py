"""Flask. The callable is the Flask object itself.

Run:  go run . --python /usr/bin/python3 examples/frameworks/flask_app.py
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib

from flask import Flask, Response, jsonify, make_response, redirect, request, url_for

app = Flask(__name__)  # Flask serves the folder "static" beside this file at /static


@app.get("/")
def index():
    return Response("Hello from Flask", mimetype="text/plain")


@app.get("/hello/<name>")
def hello(name):
    return Response(f"Hello {name}", mimetype="text/plain")


@app.post("/form")
def form():
    return jsonify(request.form.to_dict())


@app.post("/json")
def echo_json():
    return jsonify(request.get_json())


@app.post("/bytes")
def echo_bytes():
    return Response(request.get_data(), mimetype="application/octet-stream")


@app.post("/upload")
def upload():
    file = request.files["file"]
    content = file.read()
    return jsonify(filename=file.filename, size=len(content), sha256=hashlib.sha256(content).hexdigest())


@app.get("/stream")
def stream():
    return Response((f"line {number}\n" for number in range(5)), mimetype="text/plain")


@app.get("/cookies")
def cookies():
    response = make_response("two cookies")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


@app.get("/redirect")
def go_home():
    return redirect(url_for("index"))


@app.get("/error")
def error():
    raise ValueError("raised in a view")
