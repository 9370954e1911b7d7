"""The server's side of a call: start_response, write, the blocks, close()."""


class Response:
    """Stands between the application and out, which sends: out.send_head(status, headers) once, then out.send_body(block)."""

    def __init__(self, out):
        self.out = out
        self.status = None  # what start_response was told last
        self.headers = None
        self.head_sent = False

    def start_response(self, status, headers, exc_info=None):
        raise NotImplementedError  # remember; send nothing yet; what does it return?

    def write(self, block):
        """One block of the body. The head goes before the first block that is not empty."""
        raise NotImplementedError

    def finish(self):
        """All blocks have come: the head still has to go out, if there were none."""
        raise NotImplementedError


def call(application, environ, out):
    """One call, from the application to close(). What the application raises goes on to the caller."""
    raise NotImplementedError
