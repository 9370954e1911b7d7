def shout(text):
    loud = text.upper()
    return loud


def application(environ, start_response):
    name = environ["PATH_INFO"].lstrip("/")
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"Hello, "
    yield shout(name).encode()
