"""An application to look at from outside."""

PRICES = {"apple": 3, "pear": 4}


def price(name):
    each = PRICES[name]
    return each * 2


def application(environ, start_response):
    name = environ["PATH_INFO"].lstrip("/")
    try:
        status, text = "200 OK", f"two of {name}: {price(name)}\n"
    except KeyError:
        status, text = "404 Not Found", f"there is no {name}\n"
    start_response(status, [("Content-Type", "text/plain")])
    yield text.encode("latin-1")
