"""50 ms of waiting, as for a database."""

from time import sleep

BODY = b"done\n"
HEADERS = [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))]


def application(environ, start_response):
    sleep(0.05)
    start_response("200 OK", HEADERS)
    return [BODY]
