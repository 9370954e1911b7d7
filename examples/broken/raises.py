"""Broken: raises an exception before start_response. The mistake of every day.

Rule:  PEP 3333 "Error Handling": an application should trap its own errors; the server must cope if it does not.
glass: answers 500 without a word about the cause, and writes the traceback to the log.

Run:   go run . examples/broken/raises.py
Try:   curl -i http://127.0.0.1:8888/
"""


def application(environ, start_response):
    price = {"apple": 1}
    total = price["pear"]
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"%d\n" % total]
