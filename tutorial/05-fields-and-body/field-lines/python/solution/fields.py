"""Reads field lines from standard input, through the empty line. Prints them as a JSON list of pairs, or 400."""

import json
import re
import sys

TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # all but the tab


class Refused(Exception):
    """The request is not accepted. Its argument is the status code of the response."""


def parse_field_lines(section):
    """A list of (name, value), both bytes, in the order of the lines, repetitions and all.

    The section is bytes: field lines, each with its CR LF, and the empty line. Names are as they were sent; values have
    no white space round them. Raises Refused(400) for a line that is no field line.
    """
    fields = []
    for line in section.removesuffix(b"\r\n\r\n").split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.fullmatch(name) or CONTROL.search(value):
            raise Refused(400)
        fields.append((name, value.strip(b" \t")))
    return fields


def main():
    try:
        fields = parse_field_lines(sys.stdin.buffer.read())
        print(json.dumps([[part.decode("latin-1") for part in field] for field in fields]))
    except Refused as refused:
        print(refused)


main()
