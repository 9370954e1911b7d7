"""Echo: the body comes back as it went, except JSON, which comes back indented.

Run:  go run . examples/echo.py
Try:  curl -d "any text" -H "Content-Type: text/plain" http://127.0.0.1:8888/
      curl -d '{"name":"Ada","born":1815}' -H "Content-Type: application/json" http://127.0.0.1:8888/
"""

import json


def application(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    content_type = environ.get("CONTENT_TYPE") or "application/octet-stream"
    status = "200 OK"
    if content_type.partition(";")[0].strip().lower() == "application/json":
        try:
            body = json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode("utf-8") + b"\n"
        except ValueError as error:
            status, content_type = "400 Bad Request", "text/plain; charset=utf-8"
            body = f"This is not JSON: {error}\n".encode("utf-8")
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]
