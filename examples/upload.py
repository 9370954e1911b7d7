"""Upload: a file in a multipart/form-data form, or any body at /raw which is read in blocks and never held in memory.

Run:  go run . examples/upload.py
Try:  curl -F file=@examples/hello.py http://127.0.0.1:8888/
      curl -T examples/hello.py http://127.0.0.1:8888/raw
      curl -T - http://127.0.0.1:8888/raw < examples/hello.py
"""

import hashlib
import json
from email import message_from_string
from email.message import Message

BLOCK = 64 * 1024
LIMIT = 16 * 1024 * 1024  # bytes of a form, which is held in memory

FORM = b"""\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Upload</title></head>
<body>
<form method="post" enctype="multipart/form-data">
  <input type="file" name="file"> <button>Upload</button>
</form>
</body>
</html>
"""


def application(environ, start_response):
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    if path == "/raw" and method in ("PUT", "POST"):
        return answer(start_response, "200 OK", raw(environ))
    if method != "POST":
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(FORM)))])
        return [FORM]
    if content_length(environ) > LIMIT:
        return answer(start_response, "413 Content Too Large", {"limit": LIMIT})
    boundary = boundary_of(environ.get("CONTENT_TYPE", ""))
    if boundary is None:
        return answer(start_response, "415 Unsupported Media Type", {"expected": "multipart/form-data"})
    body = environ["wsgi.input"].read(content_length(environ))
    return answer(start_response, "200 OK", files(body, boundary))


def raw(environ):
    """Hash the body block by block. One that came in chunks has no CONTENT_LENGTH: its end is the end of the stream,
    where the server promises that there is one."""
    digest, size, remaining = hashlib.sha256(), 0, content_length(environ)
    if "CONTENT_LENGTH" not in environ and environ.get("wsgi.input_terminated"):
        remaining = float("inf")
    while remaining > 0:
        block = environ["wsgi.input"].read(min(BLOCK, remaining))
        if not block:
            break
        digest.update(block)
        size += len(block)
        remaining -= len(block)
    return {"size": size, "sha256": digest.hexdigest()}


def content_length(environ):
    return int(environ.get("CONTENT_LENGTH") or 0)


def boundary_of(content_type):
    """The boundary parameter as bytes, or None if this is not multipart/form-data."""
    field = Message()
    field["Content-Type"] = content_type
    boundary = field.get_boundary()
    if field.get_content_type() != "multipart/form-data" or not boundary:
        return None
    return boundary.encode("latin-1")


def files(body, boundary):
    """Name, size and SHA-256 of each file in a multipart body (RFC 2046 section 5.1.1)."""
    found = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            break  # the close-delimiter
        _, _, part = part.partition(b"\r\n")  # the rest of the delimiter's own line
        head, _, content = part.partition(b"\r\n\r\n")
        fields = message_from_string(head.decode("utf-8", "replace"))
        if fields.get_filename() is not None:
            found.append({
                "field": fields.get_param("name", header="content-disposition"),
                "name": fields.get_filename(),
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            })
    return found


def answer(start_response, status, result):
    body = json.dumps(result, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
