"""What the application tells start_response, and what middleware makes of the environ."""

from glass_worker.contract import kind, shorten

SINGLE = frozenset(  # fields of which RFC 9110 has one value, and that are not a list
    ("age", "content-location", "content-type", "date", "etag", "expires", "last-modified", "location", "retry-after",
     "server")
)  # fmt: skip
LETTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


class Head:
    """The arguments of one start_response. contract.py has found them valid."""

    def __init__(self, call, place, status, response_headers, exc_info=None):
        self.place = place
        self.code = status[:3]
        self.headers = response_headers
        self.copy = response_headers[:]
        names = [name.lower() for name, _ in response_headers]
        self.has_type = "content-type" in names
        self.length = content_length(response_headers)
        if exc_info is not None and not is_exc_info(exc_info):
            call.find("exc_info: not from sys.exc_info()", place, shorten(exc_info))
        if status[4:] == "":
            call.find("status: empty reason phrase", place, shorten(status))
        is_same = call.head is not None and call.head.headers is response_headers  # exc_info replaces the head
        if not is_same and call.lint.is_known_list(response_headers):
            call.find("response_headers: used again", place)
        for name, value in response_headers:
            check_header(call, place, name, value)
        for name in SINGLE.intersection(names):
            if names.count(name) > 1:
                call.find("header: given twice", place, name.title(), names.count(name))
        self.check_without_content(call)

    def check_without_content(self, call):
        if self.code in ("204", "304") and self.has_type:
            call.find("header: Content-Type without content", self.place, self.code)
        if self.code == "204" and self.length is not None:
            call.find("header: Content-Length with 204", self.place)

    def check_unchanged(self, call):
        if self.headers == self.copy:
            return
        added = [header for header in self.headers if header not in self.copy]
        gone = [header for header in self.copy if header not in self.headers]
        if added:
            what = "%s was added" % shorten(added[0])
        elif gone:
            what = "%s was removed" % shorten(gone[0])
        else:
            what = "in its order or by doubles"
        call.find("response_headers: changed later", self.place, what)


def content_length(headers):
    """None where there is none, or where it is longer than any body."""
    values = [value for name, value in headers if name.lower() == "content-length"]
    return int(values[0]) if values and len(values[0]) < 19 else None


def is_exc_info(exc_info):
    """Made by sys.exc_info(), as far as one can tell: start_response may be called long after the except block."""
    return isinstance(exc_info[0], type) and isinstance(exc_info[1], exc_info[0]) and kind(exc_info[2]) == "traceback"


def check_header(call, place, name, value):
    if name[-1] not in LETTERS:
        call.find("header name: ends in punctuation", place, shorten(name))
    if value != value.strip():
        call.find("header value: surrounding white space", place, name, shorten(value))
    if name.lower() == "status":
        call.find("header: Status", place, shorten(value))


# ---- the environ

REQUIRED = (  # PEP 3333 "environ Variables": "required to be present"
    "REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "wsgi.version", "wsgi.url_scheme", "wsgi.input",
    "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once")  # fmt: skip
OF_CGI = frozenset(
    ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_NAME",
     "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE", "GATEWAY_INTERFACE", "AUTH_TYPE", "REMOTE_ADDR",
     "REMOTE_HOST", "REMOTE_IDENT", "REMOTE_PORT", "REMOTE_USER", "PATH_TRANSLATED", "wsgi.url_scheme")
)  # fmt: skip


class Environ:
    """The environ as it was given to the application, to see what became of it."""

    def __init__(self, environ):
        self.environ = environ
        self.before = environ.copy()
        self.told = set()

    def check(self, call, place):
        """It is looked at when start_response is called, which is as far down as we can see, and when the callable has
        returned. A variable that the server has left out is not missed."""
        for name in REQUIRED:
            if name in self.before and name not in self.environ and self.is_new(name):
                call.find("environ: variable removed", place, name)
        for name, value in list(self.environ.items()):
            is_variable = name in OF_CGI or str(name).startswith("HTTP_")
            if is_variable and self.before.get(name, self) is not value and self.is_new(name):
                check_variable(call, place, name, value)

    def is_new(self, name):
        """It may be back in order when the callable returns, or be found a second time then."""
        was_known = name in self.told
        self.told.add(name)
        return not was_known


def check_variable(call, place, name, value):
    if type(value) is not str:
        call.find("environ: not a native string", place, name, "%s %s" % (kind(value), shorten(value)))
        return
    if not is_latin1(value):
        call.find("environ: not Latin-1", place, name, ascii(value[:60]))
    bad_script = name == "SCRIPT_NAME" and value and (value[0] != "/" or value[-1] == "/")
    if bad_script or name == "PATH_INFO" and value and value[0] != "/":
        call.find("environ: path without slash", place, name, shorten(value))


def is_latin1(text):
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
