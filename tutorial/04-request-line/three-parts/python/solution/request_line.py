"""Reads a request-line from standard input. Prints its three parts as JSON, or the status that refuses it."""

import json
import re
import sys

LIMIT = 8190  # bytes of a request-line

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
TARGET = re.compile(rb"[^\x00-\x20#\x7f]+")


class Refused(Exception):
    """The request is not accepted. Its argument is the status code of the response."""


def parse_request_line(line):
    """Method, request-target and HTTP-version of a line, which is bytes, without its CR LF. All three are bytes.

    Raises Refused(400) for what is no request-line, Refused(505) for a version that is not HTTP/1.x, and Refused(414)
    for a line of more than LIMIT bytes.
    """
    if len(line) > LIMIT:
        raise Refused(414)
    parts = line.split(b" ")
    if len(parts) != 3:
        raise Refused(400)
    method, target, version = parts
    if not TOKEN.fullmatch(method) or not VERSION.fullmatch(version):
        raise Refused(400)
    if not version.startswith(b"HTTP/1."):
        raise Refused(505)
    if not TARGET.fullmatch(target):
        raise Refused(400)
    if not target.startswith((b"/", b"http://", b"https://")) and parts[:2] != [b"OPTIONS", b"*"]:
        raise Refused(400)
    return method, target, version


def main():
    line = sys.stdin.buffer.read().removesuffix(b"\r\n")
    try:
        parts = parse_request_line(line)
        print(json.dumps([part.decode("latin-1") for part in parts]))
    except Refused as refused:
        print(refused)


main()
