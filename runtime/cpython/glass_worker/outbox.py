"""Answers that wait for others, in memory that the server can read: nothing is lost if the worker dies.

outbox.go says where the bytes are, and why none is overwritten that the server has not taken.
"""

import os
from mmap import mmap
from time import perf_counter

from glass_worker.channel import MAX_HELD, MOST_AHEAD

HEAD = 64  # bytes before the ring
RING = MOST_AHEAD * MAX_HELD
HOLD_TIME = 0.0005  # seconds after which the server is told of what is held


class Outbox:
    def __init__(self, descriptor):
        self.memory = mmap(descriptor, HEAD + RING)
        os.close(descriptor)
        self.position = memoryview(self.memory)[:8].cast("Q")
        self.put = self.told = 0  # positions: bytes that were ever put in, and how many of them the server knows of
        self.since = 0.0  # when the first was put in that it does not know of

    def hold(self, frame):
        """Put a frame in. True: it is time to tell the server."""
        first, end = self.put % RING, self.put % RING + len(frame)
        if end <= RING:
            self.memory[HEAD + first : HEAD + end] = frame
        else:
            self.memory[HEAD + first :] = frame[: RING - first]
            self.memory[HEAD : HEAD + end - RING] = frame[RING - first :]
        if self.put == self.told:
            self.since = perf_counter()
        self.put += len(frame)
        self.position[0] = self.put  # after the frame: the server may look at any time
        return perf_counter() - self.since > HOLD_TIME
