"""Calls of an event loop. Most likely the head of the response is that of the latest one, and the body is one short block:
then the checks of that head hold for this one, and little is left to do. What is not so simple goes the way of every Call,
but for where its frames go: a response whose first block is short is in the outbox before the next block is asked for (PEP
3333 "Buffering and Streaming": the server, which looks there in a millisecond at the latest, sends it meanwhile), and if no
other block comes, its end follows it there. So the responses of frameworks, iterables of one block, are held as well.

An Express is used for one request after the other, as long as the application keeps nothing of it.
"""

from sys import getrefcount

from glass_worker.call import BODILESS, ENDED, LONGEST_KNOWN, NOT_STARTED, STARTED, Call
from glass_worker.channel import ANSWER, FRAME_CHARGE, HEADER, MAX_HELD, START_RESPONSE, U32

KNOWN = 5  # a state after NOT_STARTED: start_response was called with the latest head, and nothing else has happened
ROOM = MAX_HELD - HEADER.size  # bytes of an ANSWER's payload that can be held


class Express(Call):
    # The latest head: status, a copy of the headers, START_RESPONSE's payload, Content-Length or -1, how an ANSWER begins.
    latest = None, None, b"", -1, b""

    held = 0  # bytes of it in the outbox
    is_simple = False  # it has answered, and nothing of it is as it was not before

    def __init__(self, channel, mailbox, number, credit):
        Call.__init__(self, channel, mailbox, number, credit)
        self.start_response, self.writer = self.start_response, self.write  # made once

    def reset(self):
        self.state, self.is_head, self.is_simple = NOT_STARTED, False, False

    def references(self):
        """A number that is higher while the application keeps something of this."""
        return getrefcount(self) + getrefcount(self.start_response) + getrefcount(self.writer)

    def start_response(self, status, response_headers, exc_info=None):
        latest = Express.latest
        if (
            self.state == NOT_STARTED and exc_info is None
            and response_headers == latest[1] and status == latest[0] and type(response_headers) is list
        ):  # fmt: skip
            self.state = KNOWN
            return self.writer
        self.settle()
        Call.start_response(self, status, response_headers, exc_info)
        if type(response_headers) is list and exc_info is None and len(self.out) == 1:
            head = self.out[0][1]
            if len(head) <= LONGEST_KNOWN:
                Express.latest = status, response_headers[:], head, self.promised, U32.pack(len(head)) + head
        return self.writer

    def settle(self):
        """Go on as every Call."""
        if self.state == KNOWN:
            status, _, head, self.promised, _ = Express.latest
            self.bodiless = self.is_head or status[:3] in BODILESS
            self.left = -1 if self.bodiless else self.promised
            self.credit -= len(head) + FRAME_CHARGE
            self.emit(START_RESPONSE, head)
            self.state = STARTED

    def flush(self):
        if not self.out:
            return
        parts = []
        for kind, payload in self.out:
            parts += HEADER.pack(len(payload), self.number, kind), payload
        size, ended, channel = self.size, self.state == ENDED, self.channel
        self.out, self.size = [], 0
        if self.goes_on or self.held + size > MAX_HELD - HEADER.size * (not ended) or self.held and not ended:
            self.leave_outbox()
            channel.send(parts, size)
            return
        self.held += size
        if channel.outbox.hold(b"".join(parts)) or ended and channel.is_last():
            channel.outbox.ring()

    def leave_outbox(self):
        """From here on frames go by the channel. They must not overtake those that are held, of which the bell has perhaps
        told the loop, but nobody the one who reads the channel."""
        self.goes_on = True
        if self.held:
            self.held = 0
            self.channel.outbox.told = -1  # so HELD goes before the next frame

    def send_file(self, filelike):
        if self.held:
            self.leave_outbox()
            self.channel.send([], 0)
        self.goes_on = True  # the descriptor does not go by the outbox
        return Call.send_file(self, filelike)

    def write(self, data):
        self.settle()
        Call.write(self, data)

    def answer(self, iterable):
        if self.state == KNOWN:
            if type(iterable) is list and len(iterable) == 1:
                block, (_, _, _, promised, begins) = iterable[0], Express.latest
                if type(block) is bytes and (promised < 0 or len(block) <= promised):
                    size = len(begins) + len(block)
                    if size <= ROOM:
                        self.state, self.is_simple = ENDED, True
                        channel = self.channel
                        outbox = channel.outbox
                        if outbox.hold(HEADER.pack(size, self.number, ANSWER) + begins + block) or channel.is_last():
                            outbox.ring()
                        return True
            self.settle()
        return Call.answer(self, iterable)

    def send_body(self, iterable):
        self.settle()
        Call.send_body(self, iterable)
        self.settle()  # start_response was called in the iteration, which yielded nothing

    def block(self, kind, block, where):
        self.settle()  # start_response may have been called in the iteration
        return Call.block(self, kind, block, where)
