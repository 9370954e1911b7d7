"""Reads a request from standard input. Prints its body and what stands behind it as JSON, or the status that refuses it."""

import json
import sys


class Refused(Exception):
    """The request is not accepted. Its argument is the status code of the response."""


def split_body(fields, data):
    """The body of a request, without its chunks, and the bytes behind it, which belong to the next request.

    fields is a list of (name, value), bytes, with names in lower case. data is all that stands behind the empty line.
    Raises Refused(400) where the length of the body is in doubt, or less of it is there.
    """
    raise NotImplementedError


def main():
    head, _, data = sys.stdin.buffer.read().partition(b"\r\n\r\n")
    fields = []
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields.append((name.lower(), value.strip(b" \t")))
    try:
        body, rest = split_body(fields, data)
        print(json.dumps({"body": body.decode("latin-1"), "rest": rest.decode("latin-1")}))
    except Refused as refused:
        print(refused)


main()
