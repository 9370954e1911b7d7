"""Answers that wait for others, in memory that the server can read: nothing is lost if the worker dies.

outbox.go says where the bytes are, and why none is overwritten that the server has not taken.
"""

import os
from mmap import mmap
from os import write  # by itself: an application may replace what is in the module
from sys import byteorder
from time import perf_counter

from glass_worker.channel import MAX_BLOCK, MAX_HELD, MOST_AHEAD

TAKEN = 32  # where the words of places begin
HEAD = 64  # bytes before the ring
RING = MOST_AHEAD * MAX_HELD
END = HEAD + RING
MOST_STORED = 8  # places for blocks, behind the ring
SIZE = END + MOST_STORED * MAX_BLOCK
WORTH_STORING = 8 * 1024  # bytes of a block; a shorter one is cheaper beside its frame
ONE = (1).to_bytes(8, byteorder)  # what an eventfd counts
HOLD_TIME = 0.0005  # seconds after which the server is told of what is held


class Outbox:
    def __init__(self, descriptor, bell):
        self.memory = mmap(descriptor, SIZE)
        os.close(descriptor)
        self.bell = bell  # an eventfd that wakes the server's event loop, whose calls need no HELD; None: there is no loop
        if bell is not None:
            os.set_inheritable(bell, False)
        self.position = memoryview(self.memory)[:8].cast("Q")
        self.taken = memoryview(self.memory)[TAKEN : TAKEN + 4 * MOST_STORED].cast("I")  # the server sets a word back to 0
        self.next = 0  # the place to try first
        self.put = self.told = 0  # positions: bytes that were ever put in, and how many of them the server knows of
        self.since = 0.0  # when the first was put in that it does not know of

    def hold(self, frame):
        """Put a frame in. True: it is time to tell the server."""
        first = HEAD + self.put % RING
        end = first + len(frame)
        if end <= END:
            self.memory[first:end] = frame
        else:
            self.memory[first:END] = frame[: END - first]
            self.memory[HEAD : HEAD + end - END] = frame[END - first :]
        now = perf_counter()
        if self.put == self.told:
            self.since = now
        self.put += len(frame)
        self.position[0] = self.put  # after the frame: the server may look at any time
        return now - self.since > HOLD_TIME

    def ring(self):
        """Tell the server of all that is held."""
        self.told = self.put
        write(self.bell, ONE)

    def store(self, block):
        """Put a block at a place of its own. -1: none is free."""
        taken, place = self.taken, self.next
        if taken[place]:
            for place in range(MOST_STORED):
                if not taken[place]:
                    break
            else:
                return -1
        taken[place] = 1
        first = END + place * MAX_BLOCK
        self.memory[first : first + len(block)] = block
        self.next = (place + 1) % MOST_STORED
        return place
