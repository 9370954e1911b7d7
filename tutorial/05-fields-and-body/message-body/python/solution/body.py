"""Reads a request from standard input. Prints its body and what stands behind it as JSON, or the status that refuses it."""

import json
import re
import sys


class Refused(Exception):
    """The request is not accepted. Its argument is the status code of the response."""


def split_body(fields, data):
    """The body of a request, without its chunks, and the bytes behind it, which belong to the next request.

    fields is a list of (name, value), bytes, with names in lower case. data is all that stands behind the empty line.
    Raises Refused(400) where the length of the body is in doubt, or less of it is there.
    """
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    if codings:
        if lengths or len(codings) > 1 or codings[0].lower() != b"chunked":
            raise Refused(400)
        return join_chunks(data)
    if not lengths:
        return b"", data
    if len(lengths) > 1 or not re.fullmatch(rb"[0-9]+", lengths[0]):
        raise Refused(400)
    return take(data, int(lengths[0]))


def take(data, length):
    """The first bytes, of which there must be so many, and the others."""
    if len(data) < length:
        raise Refused(400)
    return data[:length], data[length:]


def take_line(data):
    line, end, rest = data.partition(b"\r\n")
    if not end:
        raise Refused(400)
    return line, rest


def join_chunks(data):
    """The data of all chunks, and what stands behind the trailer section."""
    body = b""
    while True:
        line, data = take_line(data)
        size = re.fullmatch(rb"([0-9A-Fa-f]+)([ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?", line)
        if not size:
            raise Refused(400)
        length = int(size[1], 16)
        if length == 0:
            break
        part, data = take(data, length)
        end, data = take(data, 2)
        if end != b"\r\n":
            raise Refused(400)
        body += part
    while line:  # the trailer section
        line, data = take_line(data)
    return body, data


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
