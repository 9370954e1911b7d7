"""One request, as SCGI and FastCGI put it on a socket."""

import struct


def scgi_request(variables, body):
    """The request as SCGI has it: a netstring of names and values, then the body."""
    pairs = [("CONTENT_LENGTH", str(len(body))), ("SCGI", "1"), *variables.items()]
    headers = "".join(f"{name}\0{value}\0" for name, value in pairs).encode("latin-1")
    return b"%d:%b," % (len(headers), headers) + body


def fastcgi_record(kind, request, content):
    """A record: eight bytes of head, the content, and zeros up to a multiple of eight."""
    padding = -len(content) % 8
    head = struct.pack(">BBHHBx", 1, kind, request, len(content), padding)
    return head + content + bytes(padding)


def fastcgi_pair(name, value):
    """A variable in the content of a PARAMS record: both lengths, then name and value."""
    name, value = name.encode("latin-1"), value.encode("latin-1")
    return length(name) + length(value) + name + value


def length(text):
    """One byte for less than 128, else four, the first bit of which is set."""
    if len(text) < 128:
        return struct.pack(">B", len(text))
    return struct.pack(">I", len(text) | 1 << 31)
