"""WebOb and Paste: no framework, but parts to make one. WebOb gives requests and responses, Paste the middleware.

Each page is a WSGI application of its own, by the decorator wsgify; URLMap mounts each at its path, and Cascade asks
for a static file first.

Run:  go run . --python /usr/bin/python3 examples/frameworks/webob_paste.py
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import hashlib
from pathlib import Path

from paste.cascade import Cascade
from paste.fileapp import DirectoryApp
from paste.urlmap import URLMap
from webob import Response
from webob.dec import wsgify
from webob.exc import HTTPFound, HTTPNotFound

STATIC = Path(__file__).resolve().parent / "static"


@wsgify
def index(request):
    if request.path_info not in ("", "/"):
        raise HTTPNotFound()
    return Response("Hello from WebOb and Paste", content_type="text/plain")


@wsgify
def hello(request):
    name = request.path_info_pop()
    return Response(f"Hello {name}", content_type="text/plain")


@wsgify
def form(request):
    return Response(json_body=dict(request.POST))


@wsgify
def echo_json(request):
    return Response(json_body=request.json_body)


@wsgify
def echo_bytes(request):
    return Response(request.body, content_type="application/octet-stream")


@wsgify
def upload(request):
    file = request.POST["file"]
    content = file.file.read()
    return Response(json_body={
        "filename": file.filename,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    })


@wsgify
def stream(request):
    return Response(app_iter=(b"line %d\n" % number for number in range(5)), content_type="text/plain")


@wsgify
def cookies(request):
    response = Response("two cookies")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


@wsgify
def go_home(request):
    return HTTPFound(location="/")


@wsgify
def error(request):
    raise ValueError("raised in a page")


pages = URLMap()
pages["/"] = index
pages["/hello"] = hello
pages["/form"] = form
pages["/json"] = echo_json
pages["/bytes"] = echo_bytes
pages["/upload"] = upload
pages["/stream"] = stream
pages["/cookies"] = cookies
pages["/redirect"] = go_home
pages["/error"] = error

files = URLMap()
files["/static"] = DirectoryApp(str(STATIC))

application = Cascade([files, pages])
