"""One request, as SCGI and FastCGI put it on a socket."""

import struct  # struct.pack(">BH", 1, 2) is 01 00 02: > is big-endian, B one byte, H two, I four, x a zero


def scgi_request(variables, body):
    """The request as SCGI has it: a netstring of names and values, then the body."""
    raise NotImplementedError  # CONTENT_LENGTH, then SCGI, then the variables


def fastcgi_record(kind, request, content):
    """A record: eight bytes of head, the content, and zeros up to a multiple of eight."""
    raise NotImplementedError


def fastcgi_pair(name, value):
    """A variable in the content of a PARAMS record: both lengths, then name and value."""
    raise NotImplementedError
