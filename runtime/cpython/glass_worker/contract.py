"""The rules of PEP 3333 that bind the application, as far as they are checked while it runs.

A broken rule is raised where the application breaks it, so that its traceback ends in the line at fault.
"""

import sys

from glass_worker.channel import MAX_FRAME

CACHE_SIZE = 1024  # (name, value) pairs that were found valid; a full cache starts again
LONGEST_NUMBER = 18  # digits of a Content-Length that is less than 2**63; a longer one is longer than any body
CACHED_LENGTH = 256  # longer ones are not kept

TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
CONTROLS = {code: None for code in range(32)}
CONTROLS[127] = None
HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "trailers",
     "transfer-encoding", "upgrade")
)  # fmt: skip

APPLICATION = "The Application/Framework Side"
START_RESPONSE = "The start_response() Callable"
WRITE = "The write() Callable"
STREAMING = "Buffering and Streaming"
UNICODE = "Unicode Issues"
OTHER_FEATURES = "Other HTTP Features"
LENGTH = "Handling the Content-Length Header"

valid_headers = {}


class ContractError(AssertionError):
    """The application broke a rule of PEP 3333."""

    def __init__(self, rule, section, detail):
        AssertionError.__init__(self, rule + ": " + detail + ' (PEP 3333 "' + section + '")')
        self.rule, self.section, self.detail = rule, section, detail


def kind(value):
    return type(value).__name__


def remember(header, size):
    if size > CACHED_LENGTH:
        return
    if len(valid_headers) >= CACHE_SIZE:
        valid_headers.clear()
    valid_headers[header] = True


def check_status(status):
    """status is "three digits, a space, and a reason phrase". The phrase may be empty, as RFC 9112 section 4 has it."""
    if type(status) is not str:
        hint = "; use .decode('latin-1')" if isinstance(status, bytes) else ', as in "200 OK"'
        raise ContractError("status: not a str", UNICODE, "it is %s %s%s" % (kind(status), shorten(status), hint))
    code, space, reason = status[:3], status[3:4], status[4:]
    if not (len(code) == 3 and code.isascii() and code.isdigit()):
        raise ContractError("status: no three-digit code", START_RESPONSE, '%s should look like "200 OK"' % shorten(status))
    if not "200" <= code <= "599":
        raise ContractError("status: code out of range", START_RESPONSE, "%s is not within 200 to 599" % code)
    if space != " " or reason != reason.strip():
        raise ContractError(
            "status: no reason phrase", START_RESPONSE,
            '%s should be a code, one space and a reason, as in "404 Not Found"' % shorten(status))  # fmt: skip
    check_text("status", status)


def check_text(what, text):
    """No control characters (a CR or LF would let a visitor's input write header lines), and Latin-1 only."""
    if text.translate(CONTROLS) != text:
        raise ContractError(
            what + ": control character", START_RESPONSE,
            "%s holds a control character; remove carriage returns, line feeds and the like" % shorten(text))  # fmt: skip
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        raise ContractError(
            what + ": not Latin-1", UNICODE,
            "%s holds characters above U+00FF; encode them first (percent-encoding, RFC 8187, ...)" % shorten(text)
        ) from None  # fmt: skip


def check_headers(headers):
    """response_headers is a list of (name, value) tuples of str. Return the value of Content-Length, or -1."""
    if type(headers) is not list:
        raise ContractError(
            "response_headers: not a list", START_RESPONSE,
            "it is %s; pass a list of (name, value) tuples" % kind(headers))  # fmt: skip
    length = -1
    for header in headers:
        if type(header) is not tuple or len(header) != 2:
            raise ContractError(
                "response_headers: not a tuple", START_RESPONSE,
                "%s should be a (name, value) tuple" % shorten(header))  # fmt: skip
        name, value = header
        if type(name) is not str or type(value) is not str:
            raise ContractError("response_headers: not a str", UNICODE, wrong_type(name, value))
        if header not in valid_headers:
            check_header(name, value)
            remember(header, len(name) + len(value))
        if len(name) == 14 and name.lower() == "content-length":
            if length >= 0:
                raise ContractError("Content-Length: given twice", LENGTH, "a response has one length")
            length = int(value) if len(value) <= LONGEST_NUMBER else sys.maxsize
    return length


def wrong_type(name, value):
    which, wrong = ("name", name) if type(name) is not str else ("value of " + name[:60], value)
    text = "the %s is %s %s; " % (which, kind(wrong), shorten(wrong))
    return text + ("use .decode('latin-1')" if isinstance(wrong, bytes) else "use str(...)")


def check_header(name, value):
    if not name or not TOKEN.issuperset(name):
        raise ContractError(
            "header name: not a token", START_RESPONSE,
            "%s may hold only letters, digits and !#$%%&'*+-.^_`|~" % shorten(name))  # fmt: skip
    if name.lower() in HOP_BY_HOP:
        raise ContractError(
            "header: hop-by-hop", OTHER_FEATURES,
            "%s belongs to the connection, and that is the server's business; leave it out" % name)  # fmt: skip
    check_text("header value", value)
    if name.lower() == "content-length" and not (value.isascii() and value.isdigit()):
        raise ContractError("Content-Length: not a number", LENGTH, "%s should be decimal digits only" % shorten(value))


def check_exc_info(exc_info):
    if type(exc_info) is tuple and len(exc_info) == 3 and isinstance(exc_info[1], BaseException):
        return
    raise ContractError(
        "exc_info: not an exception", START_RESPONSE,
        "pass sys.exc_info() from within an except block, not %s" % shorten(exc_info))  # fmt: skip


def check_iterable(iterable):
    """The application returns "an iterable yielding zero or more bytestrings"."""
    if iterable is None:
        detail = "the application returned None; is a return or a yield missing? return [b'...'] is a whole body"
        raise ContractError("application: returned None", APPLICATION, detail)
    if isinstance(iterable, str):
        detail = "the application returned a str; return [text.encode()] instead: bytes, in a list"
        raise ContractError("application: returned a str", APPLICATION, detail)
    if isinstance(iterable, (bytes, bytearray, memoryview)):
        detail = "the application returned %s; iterating that yields integers, one for each byte; return [body] instead"
        raise ContractError("application: returned bytes", APPLICATION, detail % kind(iterable))


def not_iterable(value):
    detail = "the application returned %s, which cannot be iterated; return a list of bytes, as in [b'...']"
    return ContractError("application: returned no iterable", APPLICATION, detail % kind(value))


def check_block(block, where):
    """A block of the body is a bytestring: "bytes" in Python 3."""
    if isinstance(block, bytes):
        return
    if isinstance(block, str):
        hint = "text has to be encoded: use .encode()"
    elif isinstance(block, int):
        hint = "an int; iterating bytes yields integers, so put the bytes into a list"
    elif isinstance(block, (bytearray, memoryview)):
        hint = "wrap it in bytes(...)"
    else:
        hint = "only bytes can be sent"
    section, rule = (WRITE, "write: not bytes") if where.startswith("write") else (APPLICATION, "body: not bytes")
    raise ContractError(rule, section, "%s %s %s; %s" % (where, kind(block), shorten(block), hint))


def shorten(value):
    try:
        text = repr(value)
    except Exception:
        text = "<%s>" % kind(value)
    return text if len(text) <= 60 else text[:57] + "..."


def check_size(head):
    if len(head) > MAX_FRAME:
        detail = "status and headers take %d bytes; the server passes on at most %d" % (len(head), MAX_FRAME)
        raise ContractError("response_headers: too large", START_RESPONSE, detail)


def too_long(promised):
    detail = "the body goes on after the %d bytes that were promised; the length counts bytes, not characters" % promised
    return ContractError("body: longer than Content-Length", LENGTH, detail)


def too_short(promised, sent):
    detail = "the body ends after %d of the %d bytes that were promised; the client waits for the rest" % (sent, promised)
    return ContractError("body: shorter than Content-Length", LENGTH, detail)


def never_started():
    detail = "call start_response(status, headers) before the first block of the body is yielded or the body ends"
    return ContractError("start_response: never called", START_RESPONSE, detail)


def called_twice():
    detail = "only a call with exc_info, from an except block, may follow the first"
    return ContractError("start_response: called twice", START_RESPONSE, detail)


def too_late(name):
    detail = "the response has ended; %s belongs to one request and cannot be kept" % name
    return ContractError(name + ": called too late", START_RESPONSE if name == "start_response" else WRITE, detail)
