"""Hello: the smallest useful application, one function that answers every request with a page.

Run:  go run . examples/hello.py
Try:  curl http://127.0.0.1:8888/any/path
"""

from html import escape

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hello from WSGI</title>
<style>
  body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; color: #223; }}
  h1 {{ color: #06689b; }}
  code {{ background: #eef3f6; padding: .15rem .4rem; border-radius: .3rem; }}
</style>
</head>
<body>
<h1>Hello, 你好!</h1>
<p>You sent <code>{method} {path}</code>.</p>
<p>A server made an <em>environ</em> of your request, called <code>application(environ, start_response)</code>,
and sent you the bytes that it returned.</p>
</body>
</html>
"""


def application(environ, start_response):
    method = environ["REQUEST_METHOD"]
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")  # why: latin1.py
    body = PAGE.format(method=escape(method), path=escape(path)).encode("utf-8")
    start_response("200 OK", [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),  # bytes, not characters
    ])
    return [body]
