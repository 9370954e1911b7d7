"""The other side: what a server does with an application, without any socket."""


def call_application(app, environ):
    """Calls app as PEP 3333 says, and returns (status, headers, body)."""

    def start_response(status, headers, exc_info=None):
        raise NotImplementedError  # remember status and headers

    raise NotImplementedError  # call app, join the blocks, close the iterable
