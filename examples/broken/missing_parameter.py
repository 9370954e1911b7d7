"""Broken: takes one parameter, not two, so it is no WSGI application at all.

Rule:  PEP 3333 "The Application/Framework Side": it takes two positional arguments, environ and
       start_response.
glass: does not start: it ends with exit code 1 and names the two parameters.

Run:   go run . examples/broken/missing_parameter.py
"""


def application(environ):
    return [b"who would call start_response?\n"]
