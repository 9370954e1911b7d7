"""Two pages, found by PATH_INFO."""

from urllib.parse import parse_qs


def application(environ, start_response):
    """/ answers Index. /hello answers Hello and the name in the query, or world. All else is 404 Not Found.

    All three are text/plain; charset=utf-8.
    """
    path = environ["PATH_INFO"]
    status = "200 OK"
    if path in ("", "/"):
        text = "Index"
    elif path == "/hello":
        names = parse_qs(environ.get("QUERY_STRING", "")).get("name", ["world"])
        text = "Hello " + names[0]
    else:
        status, text = "404 Not Found", "Not Found"
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [text.encode("utf-8")]
