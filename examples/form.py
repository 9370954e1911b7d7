"""Form: GET shows an HTML form, POST shows what was filled in. Whatever the peer sent is escaped before it is shown.

Run:  go run . examples/form.py
Try:  curl http://127.0.0.1:8888/
      curl --data-urlencode "name=Ada & 李" --data-urlencode "note=<b>bold</b>" http://127.0.0.1:8888/
"""

from html import escape
from urllib.parse import parse_qsl

LIMIT = 1_000_000  # bytes; a form that is longer is a mistake or an attack

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Form</title></head>
<body>
{}
</body>
</html>
"""
FORM = """\
<form method="post">
  <p><label>Name <input name="name"></label></p>
  <p><label>Note <textarea name="note"></textarea></label></p>
  <p><button>Send</button></p>
</form>"""


def application(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        length = int(environ.get("CONTENT_LENGTH") or 0)  # the key may be missing, and its value may be empty
        if length > LIMIT:
            return answer(start_response, "413 Content Too Large", "<p>That is too long.</p>")
        fields = parse_qsl(environ["wsgi.input"].read(length).decode("utf-8", "replace"), keep_blank_values=True)
        items = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in fields)
        return answer(start_response, "200 OK", f"<dl>\n{items}\n</dl>")
    return answer(start_response, "200 OK", FORM)


def answer(start_response, status, content):
    body = PAGE.format(content).encode("utf-8")
    start_response(status, [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
    ])
    return [body]
