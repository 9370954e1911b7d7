"""Reads field lines from standard input, through the empty line. Prints them as a JSON list of pairs, or 400."""

import json
import sys


class Refused(Exception):
    """The request is not accepted. Its argument is the status code of the response."""


def parse_field_lines(section):
    """A list of (name, value), both bytes, in the order of the lines, repetitions and all.

    The section is bytes: field lines, each with its CR LF, and the empty line. Names are as they were sent; values have
    no white space round them. Raises Refused(400) for a line that is no field line.
    """
    raise NotImplementedError


def main():
    try:
        fields = parse_field_lines(sys.stdin.buffer.read())
        print(json.dumps([[part.decode("latin-1") for part in field] for field in fields]))
    except Refused as refused:
        print(refused)


main()
