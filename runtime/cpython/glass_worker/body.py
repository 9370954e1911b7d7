"""Bodies: wsgi.input, where the request's body is still under way, and wsgi.file_wrapper for the response's."""

import io

from glass_worker.channel import MAX_BLOCK


class BrokenBody(OSError):
    """The client broke off, or broke HTTP, in the middle of the request's body."""


class ClientGone(ConnectionAbortedError):
    """Nobody waits for the response any more."""


class RequestBody(io.RawIOBase):
    """Pulls the body of a call from the server, as much as the application asks for (PEP 3333 "Input and Error
    Streams"). io.BufferedReader round it gives read, readline, readlines and iteration."""

    def __init__(self, call):
        self.call = call

    def readable(self):
        return True

    def readinto(self, target):
        data = self.call.read_body(min(len(target), MAX_BLOCK))
        target[: len(data)] = data
        return len(data)

    def readall(self):
        return b"".join(iter(lambda: self.call.read_body(MAX_BLOCK), b""))


# Simplified: wsgi.file_wrapper is an iterable of blocks; no sendfile.
class FileWrapper:
    """PEP 3333 "Optional Platform-Specific File Handling": a file-like object as an iterable of blocks."""

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

    def close(self):
        if hasattr(self.filelike, "close"):
            self.filelike.close()
