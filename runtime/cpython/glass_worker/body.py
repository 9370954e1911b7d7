"""Bodies: wsgi.input, where the request's body is still under way, and wsgi.file_wrapper for the response's."""

import io
import os
from stat import S_ISREG

from glass_worker.channel import CAN_PASS_FILES, MAX_INPUT

LEAST_FILE = 16 * 1024  # bytes; fewer are sent sooner than a descriptor is handed over


class BrokenBody(OSError):
    """The client broke off, or broke HTTP, in the middle of the request's body."""


class ClientGone(ConnectionAbortedError):
    """Nobody waits for the response any more."""


class RequestBody(io.RawIOBase):
    """Pulls the body of a call from the server when the application reads, and takes along what else has arrived
    (PEP 3333 "Input and Error Streams"). io.BufferedReader round it gives read, readline, readlines and iteration."""

    def __init__(self, call):
        self.call = call
        self.rest = b""  # a view of what came along

    def readable(self):
        return True

    def readinto(self, target):
        if not self.rest:
            self.rest = memoryview(self.call.read_body(MAX_INPUT))
        size = min(len(target), len(self.rest))
        target[:size] = self.rest[:size]
        self.rest = self.rest[size:]
        return size

    def readall(self):
        rest, self.rest = self.rest, b""
        return bytes(rest) + b"".join(iter(lambda: self.call.read_body(MAX_INPUT), b""))


class FileWrapper:
    """PEP 3333 "Optional Platform-Specific File Handling": a file-like object as an iterable of blocks. Of a real file the
    server may send the bytes itself: see part_of_file. What is sent goes from its position to its end, "or until
    Content-Length bytes have been written"."""

    def __init__(self, filelike, block_size=8192):
        self.filelike = filelike
        self.block_size = block_size

    def __iter__(self):
        return self

    def __next__(self):
        block = self.filelike.read(self.block_size)
        if not block:
            raise StopIteration
        return block

    def up_to(self, length):
        for block in self if length else ():
            yield block[:length]
            length -= min(length, len(block))
            if not length:
                return

    def close(self):
        if hasattr(self.filelike, "close"):
            self.filelike.close()


def part_of_file(filelike):
    """(descriptor, position, size) of a file that holds nothing but what read() would return; else None.

    A fileno() alone says little: gzip's has one, too, and what it reads is not what is in the file. So only the types
    that open() makes for reading bytes are trusted.
    """
    raw = filelike.raw if type(filelike) is io.BufferedReader else filelike
    if not CAN_PASS_FILES or type(raw) is not io.FileIO:
        return None
    try:
        descriptor, position = filelike.fileno(), filelike.tell()
        status = os.fstat(descriptor)
    except (OSError, ValueError):  # closed, or no file with positions: reading will tell
        return None
    size = status.st_size - position
    if size < LEAST_FILE or not S_ISREG(status.st_mode) or not raw.readable():
        return None
    return descriptor, position, size
