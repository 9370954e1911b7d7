"""A clock that nobody has to wait for, and servers that live by it. Times are whole milliseconds."""


class Clock:
    """now() and sleep(), as time.monotonic() and time.sleep() have them; but a second passes at once."""

    def __init__(self, start=0):
        self.time = start

    def now(self):
        return self.time

    def sleep(self, milliseconds):
        if milliseconds < 0:
            raise ValueError("sleep length must be non-negative")
        self.time += milliseconds


def server(clock, stall_at=None, stall=1000):
    """ask() is a request and its response: a millisecond. Once, at the time stall_at or after it, it is a stall."""
    stalls = [] if stall_at is None else [stall_at]

    def ask():
        if stalls and clock.now() >= stalls[0]:
            stalls.pop()
            clock.sleep(stall)
        clock.sleep(1)

    return ask
