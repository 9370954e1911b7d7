"""Says which address was asked for, by whom, and how long the message body is. It runs in the server of its author."""


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    page = "%s asked for %s, with %d bytes\n" % (environ["REMOTE_ADDR"], address(environ), len(body))
    page = page.encode("latin-1")
    headers = {"Content-Type": "text/plain", "Content-Length": len(page)}
    start_response("200 OK", headers.items())
    return [page]


def address(environ):
    """The path and the query, as a client would write them."""
    return environ["RAW_URI"]
