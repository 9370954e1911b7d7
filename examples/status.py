"""Status: the path chooses the status code; some codes have no body, and then no Content-Type either.

Run:  go run . examples/status.py
Try:  curl -i http://127.0.0.1:8888/204
      curl -i http://127.0.0.1:8888/304
      curl -iL http://127.0.0.1:8888/redirect
      curl -i http://127.0.0.1:8888/nowhere
"""

TEXT = ("Content-Type", "text/plain; charset=utf-8")

# path: (status, response_headers, body)
ANSWERS = {
    "/": ("200 OK", [TEXT], b"Try /204, /304, /redirect, /teapot and /nowhere.\n"),
    "/204": ("204 No Content", [], b""),
    "/304": ("304 Not Modified", [("ETag", '"1"')], b""),
    "/redirect": ("302 Found", [TEXT, ("Location", "/")], b"It is at / now.\n"),
    "/teapot": ("418 I'm a teapot", [TEXT], b"short and stout\n"),
}
NOT_FOUND = ("404 Not Found", [TEXT], b"There is nothing here.\n")


def application(environ, start_response):
    status, headers, body = ANSWERS.get(environ.get("PATH_INFO") or "/", NOT_FOUND)
    start_response(status, list(headers))  # a copy: the server may change the list
    return [body] if body else []
