"""Routing: PATH_INFO decides what to answer. A framework's router is a longer version of this "if".

Run:  go run . examples/routing.py
Try:  curl http://127.0.0.1:8888/
      curl http://127.0.0.1:8888/abcd
"""


def application(environ, start_response):
    path = environ.get("PATH_INFO", "")
    if path in ("", "/"):
        response_body = b"Index"
    else:
        response_body = b"Hello"
    start_response("200 OK", [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(response_body))),
    ])
    return [response_body]
