"""One call of the application: PEP 3333 seen from the server's side of the callable.

The response's events travel as frames, one for one. They collect in `out` and leave in one write when the response
is complete, when a block has to go out, or when the call has to wait. A response that is complete before anything of it
has left, with one block or none, leaves as one frame, ANSWER.
"""

from marshal import dumps  # by itself: an application may replace what is in the module

from glass_worker import contract, ending
from glass_worker.body import BrokenBody, ClientGone, FileWrapper, part_of_file
from glass_worker.channel import (
    ABORT, ANSWER, ANSWER_HEAD, BODY_ERROR, CHUNK, CONTRACT, CREDIT, DATA, END, EOF, ERROR, FILE, FILE_SENT,
    FRAME_CHARGE, HEADER, I64, MAX_BLOCK, PLACE_OF_BLOCK, RANGE, READ, RETURNED, START_RESPONSE, STORED, U32, WRITE,
    breach)  # fmt: skip
from glass_worker.contract import ContractError
from glass_worker.outbox import WORTH_STORING
from glass_worker.report import one_line, printable, traceback_text

# The response: NOT_STARTED -> STARTED -> SENT -> ENDED. STARTED may still be replaced with exc_info; from SENT on, the
# head may be on its way to the client. REFUSED is between the first two: start_response was called, and raised. Any of
# them may go to ENDED.
NOT_STARTED, REFUSED, STARTED, SENT, ENDED = range(5)

MOST_KNOWN = 1024  # heads of responses that are remembered; then it starts again
LONGEST_KNOWN = 1024  # bytes; longer ones are not remembered
known_heads = {}  # (status, *response_headers): the payload of START_RESPONSE, and Content-Length or -1

BODILESS = frozenset(("204", "205", "304"))  # statuses with which no byte of a body is sent


class Call:
    state = NOT_STARTED
    size = 0  # bytes in out
    goes_on = False  # frames of it go by the channel: no others may overtake them
    aborted = False
    is_head = False  # the request is HEAD: whatever the body is, nothing of it is sent
    bodiless = False  # the same, or the status has no body; start_response tells
    promised = -1  # Content-Length
    left = -1  # bytes of the body that may still come; -1: as many as there are
    body_end = None  # what reading the request's body gives from now on: b"" or an exception

    def __init__(self, channel, mailbox, number, credit):
        self.channel = channel
        self.mailbox = mailbox
        self.number = number
        self.credit = credit  # bytes that we may send before the server has consumed some
        self.out = []  # (kind, payload) of the frames that have not left

    # ---- the life of a call

    def run(self, application, environ):
        """Call the application, send what it yields, close the iterable. Whatever it raises ends here."""
        iterable = failure = None
        if environ.get("REQUEST_METHOD") == "HEAD":
            self.is_head = True
        try:
            iterable = application(environ, self.start_response)
            if self.answer(iterable):
                return
            contract.check_iterable(iterable)
            self.send_body(iterable)
        except BaseException as error:  # SystemExit and KeyboardInterrupt, too: one request must not end the worker
            failure = error
        trouble = self.close(iterable)
        self.state = ENDED
        try:
            if ending.wanted and isinstance(failure, SystemExit):
                raise SystemExit
            self.finish(failure, trouble)
        finally:
            failure = trouble = None  # they hold this very frame by their tracebacks

    def send_body(self, iterable):
        if type(iterable) in (list, tuple):
            self.emit(RETURNED, I64.pack(size_of(iterable)))
            for block in iterable:
                self.block(CHUNK, block, "the iterable yielded")
        elif type(iterable) is not FileWrapper:
            self.send_stream(iterable)
        elif not (self.send_file(iterable.filelike) or self.skip_file()):
            self.send_stream(iterable if self.left < 0 else iterable.up_to(self.left))
        if self.state < STARTED:
            raise contract.never_started()

    def answer(self, iterable):
        """Send a response in one frame: a list of one block, and nothing but start_response before it. False: it is not
        so simple, or breaks a rule."""
        if type(iterable) is not list or len(iterable) != 1 or self.state != STARTED or len(self.out) != 1:
            return False
        block, (kind, head) = iterable[0], self.out[0]
        size = len(head) + U32.size
        if type(block) is not bytes or kind != START_RESPONSE or not size + len(block) <= MAX_BLOCK:
            return False
        if 0 <= self.left < len(block):
            return False
        size += len(block)
        self.state = ENDED
        self.channel.answer([ANSWER_HEAD.pack(size, self.number, ANSWER, len(head)), head, block], HEADER.size + size)
        return True

    def begin(self, iterable):
        try:
            return iter(iterable)
        except TypeError:
            if hasattr(type(iterable), "__iter__"):
                raise
        raise contract.not_iterable(iterable)

    def send_file(self, filelike):
        """Hand a real file to the server, and wait until it has been sent. False: it has to go in blocks, for example because
        the server has no descriptor left."""
        part = part_of_file(filelike)
        if part is None or self.state < STARTED:
            return False
        descriptor, offset, size = part
        promised = self.left
        if 0 <= promised < size:
            size = promised
        self.state = SENT
        self.flush()
        self.channel.pass_file(HEADER.pack(RANGE.size, self.number, FILE) + RANGE.pack(offset, size), descriptor)
        while True:
            kind, has_no_descriptor = self.take()
            if kind == FILE_SENT:
                break
            self.stop_if_aborted()
        if has_no_descriptor:
            return False
        if promised > 0:
            self.left = promised - size
        return True

    def skip_file(self):
        """Read nothing of a file of which nothing is sent. False: it has to be read."""
        if not self.bodiless or self.state != STARTED:
            return False
        self.emit(RETURNED, I64.pack(-1))
        return True

    def send_stream(self, iterable):
        """PEP 3333 "Buffering and Streaming": a block is on its way before the next is asked for."""
        blocks, size = self.begin(iterable), -1
        if has_one_block(iterable):
            only = next(blocks, b"")
            blocks, size = first_of(only, blocks), size_of((only,))
        self.emit(RETURNED, I64.pack(size))
        under_way = False
        for block in blocks:
            if under_way:
                self.look_for_abort()
            if self.block(CHUNK, block, "the iterable yielded"):
                self.flush()
                under_way = True

    def close(self, iterable):
        """PEP 3333: "the server or gateway must call that method upon completion", whatever completion it was."""
        close = None
        try:
            close = getattr(iterable, "close", None)
            if close is not None:
                self.flush()
                close()
        except BaseException as error:
            return error
        return None

    def finish(self, failure, trouble):
        """Send the call's last frame; after it the server may send us another call."""
        if isinstance(failure, ContractError):
            self.emit(CONTRACT, dumps(
                (failure.rule, failure.section, printable(failure.detail), traceback_text(failure)), 2))  # fmt: skip
        elif failure is not None and not (self.aborted and isinstance(failure, ClientGone)):
            self.emit(ERROR, dumps(
                (one_line(failure), traceback_text(failure), isinstance(failure, BrokenBody)), 2))  # fmt: skip
        elif trouble is not None:
            self.emit(END, dumps((one_line(trouble), traceback_text(trouble)), 2))
        else:
            self.emit(END, b"")
        self.flush()

    # ---- what the application calls

    def start_response(self, status, response_headers, exc_info=None):
        """PEP 3333 "The start_response() Callable"."""
        if self.state == ENDED:
            raise contract.too_late("start_response")
        replaced = None
        if exc_info is not None:
            contract.check_exc_info(exc_info)
            try:
                if self.state == SENT:
                    raise exc_info[1].with_traceback(exc_info[2])
                replaced = one_line(exc_info[1])
            finally:
                exc_info = None  # avoid a circular reference, as the PEP advises
        elif self.state != NOT_STARTED:
            raise contract.called_twice()
        else:
            self.state = REFUSED  # a second call needs exc_info even if this one raises
        if replaced is None and type(response_headers) is list:
            head = self.known_head(status, response_headers)
        else:
            head = self.new_head(status, response_headers, replaced)
        self.bodiless = self.is_head or status[:3] in BODILESS
        self.left = -1 if self.bodiless else self.promised
        if self.credit <= 0:
            self.wait_for_credit()
        self.credit -= len(head) + FRAME_CHARGE
        self.emit(START_RESPONSE, head)
        self.state = STARTED
        return self.write

    def known_head(self, status, response_headers):
        """The payload of START_RESPONSE. Most applications have few different heads, and those need no second check."""
        key = status, *response_headers
        try:
            known = known_heads.get(key)
        except TypeError:  # what cannot be a key is not what it should be: new_head says what
            known = None
        if known is not None:
            head, self.promised = known
            return head
        head = self.new_head(status, response_headers, None)
        if len(head) <= LONGEST_KNOWN:
            if len(known_heads) >= MOST_KNOWN:
                known_heads.clear()
            known_heads[key] = head, self.promised
        return head

    def new_head(self, status, response_headers, replaced):
        contract.check_status(status)
        self.promised = contract.check_headers(response_headers)
        head = dumps((status, response_headers, replaced), 2)
        contract.check_size(head)
        return head

    def write(self, data):
        """PEP 3333 "The write() Callable"."""
        if self.state == ENDED:
            raise contract.too_late("write")
        self.block(WRITE, data, "write() was called with")
        self.flush()
        self.look_for_abort()

    def read_body(self, size):
        """Ask the server for up to size bytes of the request's body, and wait for them. b"" is its end."""
        if self.state == ENDED:
            raise ValueError("the request has ended; wsgi.input belongs to one request and cannot be kept")
        if self.body_end is None:
            self.emit(READ, U32.pack(size))
            self.flush()
            while True:
                kind, payload = self.take()
                if kind == DATA:
                    if len(payload) > size:
                        breach("more of the body than was asked for")
                    return payload
                if kind == EOF:
                    self.body_end = b""
                elif kind == BODY_ERROR:
                    self.body_end = BrokenBody(payload.decode("utf-8", "replace"))
                elif kind == ABORT:
                    self.body_end = ClientGone("the client is gone")
                if self.body_end is not None:
                    break
        if self.body_end == b"":
            return b""
        raise self.body_end

    # ---- frames

    def block(self, kind, block, where):
        """Queue one block of the body; a large one leaves in pieces. False: it was empty, there is nothing to send."""
        contract.check_block(block, where)
        if self.state < STARTED:
            raise contract.never_started()
        if not block:
            return False
        if 0 <= self.left < len(block):
            self.last_block(kind, block)
        if self.left > 0:
            self.left -= len(block)
        self.state = SENT
        if len(block) <= MAX_BLOCK:
            self.piece(kind, block)
        else:
            view = memoryview(block)
            for first in range(0, len(block), MAX_BLOCK):
                self.piece(kind, view[first : first + MAX_BLOCK])
        return True

    def last_block(self, kind, block):
        """PEP 3333 "Handling the Content-Length Header": send no more than was promised, stop iterating, raise."""
        rest, self.left = block[: self.left], -1
        if rest:
            self.block(kind, rest, "")
        self.left = 0
        raise contract.too_long(self.promised)

    def piece(self, kind, data):
        if self.credit <= 0:
            self.wait_for_credit()
        size = len(data)
        self.credit -= size + FRAME_CHARGE
        outbox = self.channel.outbox
        if size >= WORTH_STORING and outbox is not None:
            place = outbox.store(data)
            if place >= 0:
                self.goes_on = True
                self.emit(STORED, PLACE_OF_BLOCK.pack(place, size, kind))
                self.flush()
                return
        self.emit(kind, data)
        if self.size >= MAX_BLOCK:
            self.flush()

    def emit(self, kind, payload):
        self.out.append((kind, payload))
        self.size += HEADER.size + len(payload)

    def flush(self):
        if self.out:
            out, self.out = self.out, []
            size, self.size = self.size, 0
            number = self.number
            parts = []
            for kind, payload in out:
                parts += HEADER.pack(len(payload), number, kind), payload
            self.channel.send(parts, size)

    def wait_for_credit(self):
        """Flow control: wait while the server has not consumed what it has of us. Credit may fall below zero by one
        frame, so that a large frame needs no full window."""
        while self.credit <= 0:
            self.flush()
            self.take()
            self.stop_if_aborted()

    def look_for_abort(self):
        while self.take(False) is not None:
            pass
        self.stop_if_aborted()

    def stop_if_aborted(self):
        if self.aborted:
            raise ClientGone("the client is gone")

    def take(self, wait=True):
        """Take in a frame for this call. None: it has not come, and we did not wait."""
        frame = self.mailbox.receive(self.number, wait)
        if frame is None:
            return None
        kind, _, payload = frame
        if kind == CREDIT:
            self.credit += U32.unpack(payload)[0]
        elif kind == ABORT:
            self.aborted = True
        return kind, payload


def has_one_block(iterable):
    """PEP 3333 "Handling the Content-Length Header": a len() of 1 lets the server compute the length."""
    if not hasattr(type(iterable), "__len__"):
        return False
    try:
        return len(iterable) == 1
    except Exception:
        return False


def size_of(blocks):
    """The bytes of a body whose blocks are all there; -1 where one of them is no bytes, which is told in its turn."""
    size = 0
    for block in blocks:
        if not isinstance(block, bytes):
            return -1
        size += len(block)
    return size


def first_of(block, blocks):
    yield block
    yield from blocks
