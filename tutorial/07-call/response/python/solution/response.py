"""The server's side of a call: start_response, write, the blocks, close()."""


class Response:
    """Stands between the application and out, which sends: out.send_head(status, headers) once, then out.send_body(block)."""

    def __init__(self, out):
        self.out = out
        self.status = None  # what start_response was told last
        self.headers = None
        self.head_sent = False

    def start_response(self, status, headers, exc_info=None):
        if exc_info:
            try:
                if self.head_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # it holds this very frame
        elif self.status is not None:
            raise AssertionError("start_response was called twice, without exc_info")
        self.status, self.headers = status, list(headers)
        return self.write

    def write(self, block):
        """One block of the body. The head goes before the first block that is not empty."""
        if self.status is None:
            raise AssertionError("start_response was not called before the first block")
        if block:
            self.send_head()
            self.out.send_body(block)

    def finish(self):
        """All blocks have come: the head still has to go out, if there were none."""
        if self.status is None:
            raise AssertionError("start_response was never called")
        self.send_head()

    def send_head(self):
        if not self.head_sent:
            self.head_sent = True
            self.out.send_head(self.status, self.headers)


def call(application, environ, out):
    """One call, from the application to close(). What the application raises goes on to the caller."""
    response = Response(out)
    iterable = application(environ, response.start_response)
    try:
        for block in iterable:
            response.write(block)
        response.finish()
    finally:
        if hasattr(iterable, "close"):
            iterable.close()
