"""Stream: each block that the generator yields is sent before the next one is made.

Run:  go run . examples/stream.py
Try:  curl -N "http://127.0.0.1:8888/?n=5"
      curl -N "http://127.0.0.1:8888/sse?n=3"
"""

import time
from urllib.parse import parse_qs


def application(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    count = int(query.get("n", ["5"])[0])
    delay = float(query.get("delay", ["0.5"])[0])
    if environ.get("PATH_INFO") == "/sse":
        content_type, make_block = "text/event-stream", event
    else:
        content_type, make_block = "text/plain; charset=utf-8", line
    # No Content-Length: the server frames the body, by chunks or by closing the connection.
    start_response("200 OK", [("Content-Type", content_type), ("Cache-Control", "no-store")])
    for number in range(count):
        if number > 0:
            time.sleep(delay)
        yield make_block(number)


def line(number):
    return b"line %d\n" % number


def event(number):
    """One server-sent event, which a browser's EventSource understands: lines, and an empty line at its end."""
    return b"id: %d\ndata: event %d\n\n" % (number, number)
