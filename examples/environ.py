"""Environ: everything that the server tells the application about a request, as a table or as JSON.

Run:  go run . examples/environ.py
Try:  curl "http://127.0.0.1:8888/some/path?json&colour=blue"
"""

import json
from html import escape
from urllib.parse import parse_qs

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>environ</title>
<style>
  body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem; }}
  td, th {{ padding: .2rem .8rem; text-align: left; border-bottom: 1px solid #dde; overflow-wrap: anywhere; }}
  table {{ border-collapse: collapse; }}
  td:first-child {{ white-space: nowrap; }}
</style>
</head>
<body>
<h1>environ</h1>
<table>
<tr><th>key</th><th>type</th><th>value</th></tr>
{rows}
</table>
</body>
</html>
"""
ROW = "<tr><td>{}</td><td>{}</td><td><code>{}</code></td></tr>"


def as_html(environ):
    rows = [
        ROW.format(escape(key), type(value).__name__, escape(repr(value)))
        for key, value in sorted(environ.items())
    ]
    return PAGE.format(rows="\n".join(rows))


def as_json(environ):
    variables = {
        key: {"type": type(value).__name__, "value": value}
        for key, value in environ.items()
    }
    return json.dumps(variables, indent=2, sort_keys=True, default=repr) + "\n"


def application(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if "json" in query:
        content_type, text = "application/json", as_json(environ)
    else:
        content_type, text = "text/html; charset=utf-8", as_html(environ)
    body = text.encode("utf-8")
    start_response("200 OK", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]
