"""The application of the checks. It is right as it is."""

import threading

TIMEOUT = 10
PARTY = 4  # so many requests to /meet/... wait for each other
barrier = threading.Barrier(PARTY)


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path.startswith("/raise"):
        raise RuntimeError("the application broke")
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Path", path)])
    if path.startswith("/meet/"):
        try:
            barrier.wait(TIMEOUT)  # all have called start_response, and none has returned
        except threading.BrokenBarrierError:
            barrier.reset()
            raise
    return [path.encode("latin-1")]
