"""Slow: an application that waits, to see what the server does with other requests meanwhile.

Run:  go run . examples/slow.py --workers 2 --threads 4
Try:  for i in 1 2 3 4; do curl "http://127.0.0.1:8888/?seconds=0.5" & done; wait
"""

import time
from urllib.parse import parse_qs


def application(environ, start_response):
    query = parse_qs(environ.get("QUERY_STRING", ""))
    seconds = float(query.get("seconds", ["1"])[0])
    time.sleep(seconds)
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"slept {seconds:g} s\n".encode("utf-8")]
