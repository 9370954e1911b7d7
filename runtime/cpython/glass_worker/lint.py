"""--lint: the server's side of the callable, with an eye on what the application may not do.

Nothing of this is loaded without --lint. A finding is told to the server in a frame of its own; the response stays
what it is. lint_rules.py has the rules, lint_head.py, lint_streams.py and lint_middleware.py check the parts that
their names say; here are the call itself, its iterable, and the way of a finding to the server.
"""

import marshal
from _weakref import ref

from glass_worker import lint_head, lint_streams
from glass_worker.body import FileWrapper
from glass_worker.call import ENDED, NOT_STARTED, SENT, Call
from glass_worker.channel import HEADER, LINT, WRITE
from glass_worker.contract import kind, shorten
from glass_worker.lint_middleware import Watch
from glass_worker.lint_place import of_callable, of_caller, of_close, of_error, of_iterator
from glass_worker.lint_rules import RULES
from glass_worker.report import one_line, printable

MOST_FINDINGS = 1000  # of one worker; a program that writes programs could have any number
KEPT = 64  # lists of headers, and iterators, of the latest requests


class Lint:
    """What is remembered from one request to the next."""

    def __init__(self, channel):
        self.channel = channel
        self.told = set()
        self.lists, self.iterators = [], []

    def find(self, rule, place, *occurrence):
        """Tell the server of a finding: once for each rule and line."""
        if (rule,) + place in self.told or len(self.told) >= MOST_FINDINGS or self.channel.forked:
            return
        self.told.add((rule,) + place)
        _, section, sentence = RULES[rule]
        detail = printable(sentence.format(*occurrence))
        payload = marshal.dumps((rule, section, detail, printable(place[0])[:4096], place[1]), 2)
        self.channel.send([HEADER.pack(len(payload), 0, LINT), payload], HEADER.size + len(payload))

    def is_known_list(self, headers):
        return seen_before(self.lists, headers, lambda: headers)

    def is_known_iterator(self, iterator):
        """Iterators are held weakly, as the application may count on their end; the built-in ones allow only a
        reference, and hold nothing when they are exhausted."""
        try:
            holder = ref(iterator)
        except TypeError:
            return seen_before(self.iterators, iterator, lambda: iterator)
        return seen_before(self.iterators, iterator, holder)


def seen_before(kept, thing, holder):
    if any(hold() is thing for hold in kept):
        return True
    kept.append(holder)
    del kept[:-KEPT]
    return False


class LintedCall(Call):
    """One call that is watched. The methods are those of Call, and do the same after a look at what they are given."""

    lint = None  # set by watched_calls

    def run(self, application, environ):
        self.application = application
        self.head = None  # what the last start_response said (lint_head.Head)
        self.swallowed = None  # the exception that start_response raised again, and where
        self.has_returned = self.is_exhausted = False
        self.iterator = None
        self.blocks = self.bytes = 0
        self.environ = lint_head.Environ(environ)
        lint_streams.wrap(environ, self)
        self.watch = Watch(self)
        Call.run(self, self.observed, environ)

    def find(self, rule, place, *occurrence):
        self.lint.find(rule, place or of_callable(self.application), *occurrence)

    def is_over(self):
        return self.state == ENDED

    # ---- the callable

    def observed(self, environ, start_response):
        with self.watch:
            iterable = self.application(environ, start_response)
        self.has_returned = True
        self.environ.check(self, of_callable(self.application))
        if type(iterable) is FileWrapper and not hasattr(iterable.filelike, "read"):
            self.find("wsgi.file_wrapper: no read()", None, kind(iterable.filelike))
        if type(iterable) not in (list, tuple, str, bytes) and is_iterator(iterable):
            if self.lint.is_known_iterator(iterable):
                self.find("iterable: returned again", None, kind(iterable))
        return iterable

    def start_response(self, *arguments, **keywords):
        place = of_caller()
        if keywords:
            self.find("start_response: keyword arguments", place, ", ".join(keywords))
        if not 2 <= len(arguments) + len(keywords) <= 3:
            self.find("start_response: number of arguments", place, len(arguments) + len(keywords))
        if self.state == ENDED:
            self.find("start_response: used after its request", place)
        elif self.is_exhausted:
            self.find("start_response: called after the body", place)
        try:
            write = Call.start_response(self, *arguments, **keywords)
            self.head = lint_head.Head(self, place, *arguments, **keywords)
            self.environ.check(self, place)
            return write
        except BaseException as error:
            if self.state == SENT and has_exc_info(*arguments, **keywords):
                self.swallowed = one_line(error), place
            raise
        finally:
            arguments = keywords = None  # exc_info among them holds this frame

    def write(self, data):
        if self.state == ENDED:
            self.find("write: used after its request", of_caller())
        elif self.has_returned:
            self.find("write: called after the callable returned", of_caller())
        Call.write(self, data)

    # ---- the iterable

    def answer(self, iterable):
        return False  # the long way, which shows every block

    def send_file(self, filelike):
        return False  # the same

    def skip_file(self):
        return False  # the same

    def send_body(self, iterable):
        self.promised_blocks = length_of(iterable)
        Call.send_body(self, iterable)
        self.is_exhausted = True

    def begin(self, iterable):
        self.iterator = Call.begin(self, iterable)
        return self.watch.each(self.iterator)

    def block(self, kind_of_frame, block, where):
        if kind_of_frame != WRITE:
            self.blocks += 1
        if isinstance(block, bytes) and self.state != NOT_STARTED:
            place = of_caller() if kind_of_frame == WRITE else of_iterator(self.iterator)
            self.check_block(block, place or self.head.place)
        return Call.block(self, kind_of_frame, block, where)

    def check_block(self, block, place):
        if type(block) is not bytes:
            self.find("body: not exactly bytes", place, kind(block))
        self.bytes += len(block)
        if not block:
            return
        if self.head.code in ("204", "304"):
            self.find("body: with a status that has none", place, self.head.code, len(block))

    def close(self, iterable):
        close = getattr_or_none(iterable, "close")
        if close is not None and not callable(close):
            self.find("close: not callable", of_iterator(self.iterator), shorten(close))
        with self.watch:
            trouble = Call.close(self, iterable)
        self.watch.end(iterable)
        if trouble is not None and callable(close):
            self.find("close: raised", of_error(trouble) or of_close(close), one_line(trouble))
        try:
            return trouble
        finally:
            trouble = None  # its traceback holds this very frame

    # ---- the end

    def finish(self, failure, trouble):
        if isinstance(failure, SystemExit):
            self.find("application: SystemExit", of_error(failure))
        if failure is None and not self.aborted:
            self.check_whole()
        if self.head is not None:
            self.head.check_unchanged(self)
        self.watch = self.environ = self.iterator = self.head = None  # nothing of a request outlives it because of us
        Call.finish(self, failure, trouble)

    def check_whole(self):
        """What only the end of the body can tell."""
        if self.swallowed is not None:
            self.find("exc_info: exception swallowed", self.swallowed[1], self.swallowed[0])
        if self.promised_blocks is not None and self.promised_blocks != self.blocks:
            self.find("iterable: wrong length", of_iterator(self.iterator), self.promised_blocks, self.blocks)
        head = self.head
        if self.is_head or head.code in ("204", "304"):
            return
        if head.length is not None and self.bytes < head.length:
            self.find("body: shorter than Content-Length", head.place, head.length, self.bytes)
        if self.bytes and not head.has_type:
            self.find("header: no Content-Type", head.place)


def has_exc_info(status=None, response_headers=None, exc_info=None, *more, **others):
    return exc_info is not None


def is_iterator(iterable):
    """By its type, so that nothing of the application runs: what is iterated over itself has __next__."""
    return hasattr(type(iterable), "__next__")


def length_of(iterable):
    """len(iterable), where a server would get one."""
    try:
        return len(iterable)
    except Exception:
        return None


def getattr_or_none(iterable, name):
    try:
        return getattr(iterable, name, None)
    except Exception:
        return None


def watched_calls(channel):
    """The type of the calls of one worker."""
    LintedCall.lint = Lint(channel)
    return LintedCall
