"""Latin-1: the strings of environ are bytes in disguise, one character for each byte (PEP 3333 "Unicode Issues").

The path /你好 arrives as six bytes, so PATH_INFO has six characters after the slash. To get the text back, turn them
into bytes again and decode these as what they are, mostly UTF-8. QUERY_STRING is still percent-encoded, and ASCII.

Run:  go run . examples/latin1.py
Try:  curl "http://127.0.0.1:8888/%E4%BD%A0%E5%A5%BD?q=%C3%A9"
"""

from urllib.parse import parse_qs


def application(environ, start_response):
    path = environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING", "")
    text = text_of(path)
    lines = [
        f"PATH_INFO     {ascii(path)} ({len(path)} characters)",
        f"as text       {text} ({len(text)} characters)",
        f"QUERY_STRING  {ascii(query)}",
        f"as text       {parse_qs(text_of(query))}",
    ]
    body = "\n".join(lines + [""]).encode("utf-8")
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]


def text_of(native):
    """The text of a native string whose bytes are UTF-8; bytes that are not become U+FFFD."""
    return native.encode("latin-1").decode("utf-8", "replace")
