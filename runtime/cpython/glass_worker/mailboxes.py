"""Where a call finds its frames: with one thread in the channel itself, with several where the main thread puts them."""

from glass_worker import signals
from glass_worker.channel import AGAIN, CONSTANTS, KEPT, MOST_AHEAD, QUIT, REQUEST, TARGET, breach


class Inline:
    """Where a call finds its frames when its own thread reads the channel."""

    def __init__(self, channel):
        self.channel = channel
        self.later = []

    def next(self, wait=True):
        if self.later:
            return self.later.pop(0)
        if signals.application_has_some:
            signals.let_in(None if self.channel.has_more() else self.channel.sock)
        return self.channel.receive(wait)

    def receive(self, number, wait):
        while True:
            frame = self.channel.receive(wait)
            if frame is None or frame[1] == number:
                return frame
            if frame[0] in (REQUEST, KEPT, AGAIN, TARGET, CONSTANTS, QUIT):
                if len(self.later) == 2 * MOST_AHEAD:
                    breach("a request that we did not have room for")
                self.later.append(frame)


class Queued:
    """Where a call finds its frames when the main thread reads the channel."""

    def __init__(self, queue):
        self.queue = queue
        self.put = queue.put

    def receive(self, number, wait):
        if not wait and self.queue.empty():
            return None
        return self.queue.get()
