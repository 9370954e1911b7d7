"""The environ of a request: the dictionary that an application gets (PEP 3333 "environ Variables")."""

import io
import sys


def make_environ(method, target, version, fields, body, server):
    """The environ of a request.

    method, target, version and body are bytes. fields is a list of (name, value), bytes, as they came. server is a pair
    of str: the name and the port.
    """
    raise NotImplementedError
