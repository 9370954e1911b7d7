"""The application of the checks."""


def pages(environ, start_response):
    text = environ["QUERY_STRING"].encode("latin-1")
    status, headers, body = "200 OK", [("Content-Type", "text/plain")], iter([text])
    path = environ["PATH_INFO"]
    if path == "/one":
        body = [b"hello " + text]
    elif path == "/nothing":
        body = []
    elif path == "/length":
        headers.append(("Content-Length", str(len(text))))
    elif path == "/blocks":
        body = iter([b"chunk 0\n", b"chunk 1 " + text + b"\n"])
    elif path == "/empty":
        body = iter([b"a", b"", text])
    elif path == "/204":
        status, body = "204 No Content", iter([text]) if text else []
    elif path == "/304":
        status, headers, body = "304 Not Modified", [("ETag", '"1"')], iter([])
    elif path.startswith("/inject"):
        headers.append(("X-Name", path.removeprefix("/inject")))
    elif path == "/hop":
        headers.append((environ["QUERY_STRING"] or "Connection", "keep-alive"))
    elif path == "/ready":
        body = ready(environ)
    start_response(status, headers)
    return body


def ready(environ):
    """Reads the body of the request after its first block."""
    yield b"ready\n"
    yield environ["wsgi.input"].read()
