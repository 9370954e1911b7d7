"""Says which address was asked for, by whom, and how long the message body is. It runs in any server."""

from urllib.parse import quote


def application(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    peer = environ.get("REMOTE_ADDR", "somebody")
    page = "%s asked for %s, with %d bytes\n" % (peer, address(environ), len(body))
    page = page.encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(page)))])
    return [page]


def address(environ):
    """The path and the query, as a client would write them."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    text = quote(path.encode("latin-1")) or "/"
    if environ.get("QUERY_STRING"):
        text += "?" + environ["QUERY_STRING"]
    return text
