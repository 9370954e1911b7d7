"""Broken: sends a hop-by-hop header field. Connections are the server's business; an application cannot know them.

Rule:  PEP 3333 "Other HTTP Features": an application must not send hop-by-hop header fields; it is a fatal error.
glass: answers 500, and names the field in the log.

Run:   go run . examples/broken/hop_by_hop.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    start_response("200 OK", [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Connection", "keep-alive"),
    ])
    return [b"never sent\n"]
