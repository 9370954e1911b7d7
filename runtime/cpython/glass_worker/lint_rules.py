"""The rules of --lint: what PEP 3333 asks of an application, where a server lets a breach pass.

What contract.py refuses is not here: it is an error with lint or without. docs/LINT.md shows this table, and a test
compares the two.

The keyword is the PEP's own (MUST, SHOULD, MAY: the server's right to rely on it), or that of the RFC that the PEP
leaves the matter to, or "advice" where no text says it and servers differ.
"""

APPLICATION = "The Application/Framework Side"
MIDDLEWARE = "Middleware: Components that Play Both Sides"
STRING_TYPES = "A Note On String Types"
DETAILS = "Specification Details"
ENVIRON = "environ Variables"
STREAMS = "Input and Error Streams"
START_RESPONSE = "The start_response() Callable"
LENGTH = "Handling the Content-Length Header"
BOUNDARIES = "Middleware Handling of Block Boundaries"
WRITE = "The write() Callable"
UNICODE = "Unicode Issues"
ERRORS = "Error Handling"
OTHER_FEATURES = "Other HTTP Features"
FILES = "Optional Platform-Specific File Handling"

# rule: (keyword, heading, sentence); each {} of the sentence is what the application did.
RULES = {
    # ---- environ
    "environ: variable removed": (
        "MUST", ENVIRON,
        "{} is gone from the environ; whatever is called with it after this code relies on its being there"),
    "environ: not a native string": (
        "MUST", ENVIRON,
        "{} was set to {}; a variable of CGI is a str, or is left out"),
    "environ: not Latin-1": (
        "MUST", UNICODE,
        "{} was set to {}; each character stands for one byte, so use .encode('utf-8').decode('latin-1')"),
    "environ: path without slash": (
        "MUST", ENVIRON,
        "{} was set to {}; SCRIPT_NAME and PATH_INFO are empty or begin with a slash, and SCRIPT_NAME does not end in one"),
    # ---- wsgi.input and wsgi.errors
    "wsgi.input: read beyond Content-Length": (
        "SHOULD", STREAMS,
        "{} goes beyond CONTENT_LENGTH, of which {} is left; here it gives what is there, but on wsgiref it waits for ever"),
    "wsgi.input: read without a size": (
        "SHOULD", STREAMS,
        "{} without a size reads to an end that a server need not have: on wsgiref it waits for ever; pass CONTENT_LENGTH"),
    "wsgi.input: closed": (
        "MUST", STREAMS,
        "wsgi.input was closed; it belongs to the server, so leave it open"),
    "wsgi.input: other method": (
        "MUST", STREAMS,
        "{} was used; only read, readline, readlines and iteration are promised, and other servers have nothing else"),
    "wsgi.input: used after its request": (
        "advice", STREAMS,
        "{} was called when the request had ended; read what is needed before the response is complete"),
    "wsgi.errors: closed": (
        "MUST", STREAMS,
        "wsgi.errors was closed; it belongs to the server and serves other requests too"),
    "wsgi.errors: other method": (
        "MUST", STREAMS,
        "{} was used; only write, writelines and flush are promised, and other servers have nothing else"),
    "wsgi.errors: not a str": (
        "MUST", STREAMS,
        "{} was written; wsgi.errors is a text stream and takes str"),
    "wsgi.errors: CRLF": (
        "SHOULD", STREAMS,
        "the text {} has \\r\\n in it; end a line with \\n, and the server does what its system needs"),
    # ---- start_response
    "start_response: keyword arguments": (
        "MUST", DETAILS,
        "these were passed by keyword: {}; every server chooses its own names for the parameters, so pass them by position"),
    "start_response: number of arguments": (
        "MUST", DETAILS,
        "it was called with {} arguments; it takes status, response_headers and, from an except block, exc_info"),
    "start_response: called after the body": (
        "MUST", DETAILS,
        "it was called when the body had ended; call it before the first block"),
    "start_response: used after its request": (
        "MUST", START_RESPONSE,
        "it was kept and called when its request had ended; each request brings its own"),
    "exc_info: not from sys.exc_info()": (
        "MUST", START_RESPONSE,
        "{} was not made by sys.exc_info(): that has a class, an instance of it and a traceback"),
    "exc_info: exception swallowed": (
        "MUST", START_RESPONSE,
        "the head was sent, so start_response raised {} again, and the application went on; let it pass up to the server"),
    "status: empty reason phrase": (
        "MUST", START_RESPONSE,
        "{} ends after the space; say a reason too, as in \"200 OK\""),
    # ---- response_headers
    "response_headers: used again": (
        "MAY", START_RESPONSE,
        "the same list served an earlier request; a server may change the list that it gets, so make a new one each time"),
    "response_headers: changed later": (
        "MAY", START_RESPONSE,
        "the list was changed after start_response had returned, {}; the server may have sent the head by then"),
    "header name: ends in punctuation": (
        "MUST", START_RESPONSE,
        "{} ends in punctuation; a field name ends in a letter or a digit"),
    "header value: surrounding white space": (
        "MUST, RFC 9110 §5.5", START_RESPONSE,
        "the value of {} is {}; white space at its ends is no part of it, and gets lost on the way"),
    "header: Status": (
        "advice", START_RESPONSE,
        "a field called Status is how CGI programs tell the status, so a gateway may take {} for it; use the status argument"),
    "header: given twice": (
        "MUST, RFC 9110 §5.3", START_RESPONSE,
        "{} is given {} times, and has one value only; clients choose one or the other"),
    "header: no Content-Type": (
        "SHOULD, RFC 9110 §8.3", START_RESPONSE,
        "there is a body but no Content-Type, so the client has to guess what the bytes mean"),
    "header: Content-Type without content": (
        "SHOULD, RFC 9110 §15.4.5", OTHER_FEATURES,
        "a response with status {} has no content whose type could be told; leave Content-Type out"),
    "header: Content-Length with 204": (
        "MUST, RFC 9110 §8.6", LENGTH,
        "a response with status 204 has no content whose length could be told; leave Content-Length out"),
    # ---- write()
    "write: called after the callable returned": (
        "MUST", WRITE,
        "write() was called from within the iterable; yield the block instead"),
    "write: used after its request": (
        "MUST", WRITE,
        "write() was kept and called when its request had ended; each request brings its own"),
    # ---- the iterable
    "iterable: wrong length": (
        "MUST", DETAILS,
        "len() of it was {} and it yielded {} blocks; a server may compute Content-Length from a length of 1"),
    "iterable: returned again": (
        "MUST", APPLICATION,
        "the same {} was returned for an earlier request and closed then; the second request finds nothing left in it"),
    "body: not exactly bytes": (
        "MUST", STRING_TYPES,
        "a block is {}, a subclass of bytes; wrap it in bytes(...)"),
    "body: shorter than Content-Length": (
        "MUST, RFC 9110 §8.6", LENGTH,
        "Content-Length promised {} bytes, and the body had {}; the client waits for the rest"),
    "body: with a status that has none": (
        "MUST, RFC 9110 §6.4.1", OTHER_FEATURES,
        "a response with status {} has no body; the {} bytes of this block are dropped"),
    "close: not callable": (
        "MUST", DETAILS,
        "the iterable's close is {}; the server calls it when the request is done"),
    "close: raised": (
        "advice", DETAILS,
        "close() raised {}; the response is complete by then, so only the log can tell of it"),
    "wsgi.file_wrapper: no read()": (
        "MUST", FILES,
        "it was given {}, which has no read() method; give it a file that is open for reading in binary mode"),
    # ---- errors
    "application: SystemExit": (
        "SHOULD", ERRORS,
        "SystemExit was raised in a request; a request cannot end the server: answer with an error page instead"),
    # ---- middleware
    "middleware: blocks held back": (
        "MUST", BOUNDARIES,
        "{} took {} blocks from {} before it yielded one; yield b'' for each that gives nothing to send yet"),
    "middleware: close() not passed on": (
        "MUST", MIDDLEWARE,
        "{} was not closed when the request was done; call its close() in the close() of yours, or in a finally"),
}  # fmt: skip
