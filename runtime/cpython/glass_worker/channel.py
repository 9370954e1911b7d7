"""The worker's end of the channel: frames come in, frames go out.

A frame is a header (payload length, call number, kind) and a payload. The table of all kinds, with their payloads,
is in frame.go; the numbers below mirror it, and a Go test compares the two.
"""

import _socket
import os
from _thread import allocate_lock
from struct import Struct

from glass_worker import ending

# Go to worker.
REQUEST, DATA, EOF, BODY_ERROR, CREDIT, ABORT, QUIT, CONSTANTS, FILE_SENT, NOP = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
FORK, WAIT, KEPT, AGAIN, TARGET = 11, 12, 13, 14, 15
# Worker to Go.
READY, LOAD_ERROR = 16, 17
START_RESPONSE, RETURNED, CHUNK, WRITE, READ, END, ERROR, CONTRACT = 18, 19, 20, 21, 22, 23, 24, 25
LINT, ANSWER, HELD, FILE, PLACE, WHERE, FORKED, EXITED, STORED = 26, 27, 28, 29, 30, 31, 32, 33, 34

HEADER = Struct("<IIB")
U32 = Struct("<I")
I64 = Struct("<q")
I32 = Struct("=i")
RANGE = Struct("<qq")
PLACE_OF_BLOCK = Struct("<IIB")
CAN_PASS_FILES = hasattr(_socket, "SCM_RIGHTS")
ANSWER_HEAD = Struct("<IIBI")  # of an ANSWER: the header, and the size of its head
BELL = Struct("<IIBQ")  # a whole HELD

MOST_AHEAD = 64  # requests that the server sends before the first of them is answered
MAX_FRAME = 128 * 1024  # no payload to Go is longer: it reads with a buffer of this size
MAX_BLOCK = 64 * 1024  # longer blocks of a response's body are split
MAX_INPUT = 256 * 1024  # bytes of wsgi.input that travel together
MAX_REQUEST = 1024 * 1024  # no payload from Go is longer: a head of 128 KiB, which grows, and a body of MAX_BLOCK
FRAME_CHARGE = 64  # what a frame costs of a call's credit on top of its payload

# How long the payload of each kind from Go may be: least and most. Nothing is allocated by a length that is not true.
LENGTHS = {
    REQUEST: (5, MAX_REQUEST), DATA: (1, MAX_INPUT), EOF: (0, 0), BODY_ERROR: (0, MAX_BLOCK), CREDIT: (4, 4),
    ABORT: (0, 0), QUIT: (0, 0), CONSTANTS: (1, MAX_REQUEST), FILE_SENT: (0, 1), NOP: (0, 0),
    KEPT: (9, MAX_REQUEST), AGAIN: (4, 4 * MOST_AHEAD), TARGET: (9, MAX_REQUEST)}  # fmt: skip
NEVER = (1, 0)

RECEIVE_SIZE = 64 * 1024
MAX_KEPT = HEADER.size + MAX_INPUT  # a larger buffer is not kept
DONT_WAIT = getattr(_socket, "MSG_DONTWAIT", 0)  # Windows has no such flag
MAX_HELD = 4 * 1024  # bytes of an answer that waits for others, with its header
JOIN_LIMIT = 16 * 1024  # up to here one copy is cheaper than a vectored write


def breach(what):
    """The server broke the protocol: it is not ours, or one of us is broken. Nothing good can come of going on."""
    os.write(2, ("glass worker: the server sent %s\n" % what).encode())
    os._exit(1)


class Channel:
    """Frames over the socket that the server gave us. Any thread may send; one thread at a time receives."""

    def __init__(self, sock):
        self.sock = sock
        self.sending = allocate_lock()
        self.buffer = bytearray(RECEIVE_SIZE)
        self.start = self.end = 0  # the bytes received and not yet taken are buffer[start:end]
        self.outbox = None  # where answers may wait for others: outbox.Outbox
        self.more = False  # a frame that was taken holds further requests
        self.forked = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.leave)

    def leave(self):
        """Let go of the channel in a child of os.fork(). A frame from two processes would be a frame from neither."""
        self.forked = True
        self.outbox = None
        self.sock.close()

    def send(self, parts, size):
        """Send the bytes in parts, size in all. It may wait: the server always reads on, as far as credit allows."""
        if self.forked:
            os._exit(0)  # the application forked and its child returned to us: it has nobody to answer
        try:
            with self.sending:
                outbox = self.outbox
                if outbox is not None and outbox.put != outbox.told:
                    held = outbox.put
                    parts = [BELL.pack(8, 0, HELD, held)] + parts
                    size += BELL.size
                    outbox.told = held
                self.transmit(parts, size)
        except BaseException:
            # The server is gone, or a signal handler of the application raised in the middle of a frame.
            # Either way nobody could make sense of another byte from us.
            os._exit(1)

    def is_last(self):
        """No further requests are at hand."""
        return self.end == self.start and not self.more

    def answer(self, parts, size):
        """Send a whole response, or hold it while further requests are at hand."""
        if self.outbox is None or self.is_last() or size > MAX_HELD:
            self.send(parts, size)
        elif self.outbox.hold(b"".join(parts)):
            self.send([], 0)

    def pass_file(self, frames, descriptor):
        """Send frames, the last of which is FILE, with its descriptor beside them."""
        if self.forked:
            os._exit(0)
        rights = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, I32.pack(descriptor))]
        try:
            with self.sending:
                self.sock.setblocking(True)  # as in transmit
                sent = self.sock.sendmsg([frames], rights)
                if sent < len(frames):
                    self.sock.sendall(frames[sent:])
        except BaseException:
            os._exit(1)  # as in send

    def transmit(self, parts, size):
        sent = 0
        try:
            if size <= JOIN_LIMIT or not hasattr(self.sock, "sendmsg"):
                sent = self.sock.send(b"".join(parts))
            else:
                sent = self.sock.sendmsg(parts)
        except BlockingIOError:
            pass
        if sent < size:
            self.sock.setblocking(True)  # the application has changed that
            self.sock.sendall(memoryview(b"".join(parts))[sent:])

    def receive(self, wait=True):
        """Return the next frame as (kind, call, payload), a bytearray of the caller's own. Without wait, None where it has
        not arrived in full."""
        while True:
            arrived = self.end - self.start
            if arrived >= HEADER.size:
                length, call, kind = HEADER.unpack_from(self.buffer, self.start)
                least, most = LENGTHS.get(kind, NEVER)
                if not least <= length <= most:
                    breach("a frame of kind %d with %d bytes" % (kind, length))
                need = HEADER.size + length
                if arrived >= need:
                    first = self.start + HEADER.size
                    self.start += need
                    return kind, call, self.buffer[first : self.start]
                self.make_room(need)
            elif self.end == len(self.buffer) or arrived == 0:
                self.make_room(RECEIVE_SIZE)
            if not self.fill(wait):
                return None

    def has_more(self):
        """Bytes have come that were not taken."""
        return self.end > self.start

    def make_room(self, size):
        """Move what has arrived to the start of a buffer that holds at least size bytes."""
        if self.start == 0 and size == len(self.buffer):
            return
        arrived = self.buffer[self.start : self.end]
        if size > len(self.buffer) or (not arrived and len(self.buffer) > MAX_KEPT):
            self.buffer = bytearray(max(size, RECEIVE_SIZE))
        self.buffer[: len(arrived)] = arrived
        self.start, self.end = 0, len(arrived)

    def fill(self, wait):
        """Receive more bytes. False: nothing is there, and we shall not wait."""
        if self.forked:
            os._exit(0)
        if wait and self.outbox is not None and self.outbox.put != self.outbox.told:
            self.send([], 0)
        try:
            count = self.receive_into(memoryview(self.buffer)[self.end :], wait)
        except BlockingIOError:
            if wait:
                self.sock.setblocking(True)  # the application has changed that
            return wait
        if not count:
            os._exit(0)  # the server is gone: there is nobody left to work for
        self.end += count
        return True

    def receive_into(self, room, wait):
        if wait or DONT_WAIT:
            return self.sock.recv_into(room, 0, 0 if wait else DONT_WAIT)
        self.sock.setblocking(False)
        try:
            return self.sock.recv_into(room)
        finally:
            self.sock.setblocking(True)


ending.uninterruptible.update((Channel.send.__code__, Channel.pass_file.__code__))
