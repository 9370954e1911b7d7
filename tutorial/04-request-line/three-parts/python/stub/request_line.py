"""Reads a request-line from standard input. Prints its three parts as JSON, or the status that refuses it."""

import json
import sys

LIMIT = 8190  # bytes of a request-line


class Refused(Exception):
    """The request is not accepted. Its argument is the status code of the response."""


def parse_request_line(line):
    """Method, request-target and HTTP-version of a line, which is bytes, without its CR LF. All three are bytes.

    Raises Refused(400) for what is no request-line, Refused(505) for a version that is not HTTP/1.x, and Refused(414)
    for a line of more than LIMIT bytes.
    """
    raise NotImplementedError


def main():
    line = sys.stdin.buffer.read().removesuffix(b"\r\n")
    try:
        parts = parse_request_line(line)
        print(json.dumps([part.decode("latin-1") for part in parts]))
    except Refused as refused:
        print(refused)


main()
