"""The other side: what a server does with an application, without any socket."""


def call_application(app, environ):
    """Calls app as PEP 3333 says, and returns (status, headers, body)."""
    started, written = [], []

    def start_response(status, headers, exc_info=None):
        started[:] = [status, headers]
        return written.append  # write(): a block that comes before the others

    iterable = app(environ, start_response)
    try:
        body = b"".join(iterable)
    finally:
        if hasattr(iterable, "close"):
            iterable.close()
    status, headers = started
    return status, headers, b"".join(written) + body
