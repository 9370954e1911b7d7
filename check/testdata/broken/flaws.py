"""Servers that are broken on purpose: glass, with something between it and the probe application that takes one promise of
PEP 3333 back. FLAW in the environment names it; check_test.go says which probe must find it."""

import os
import sys

sys.path.insert(0, os.environ["GLASS_PROBE_DIR"])

import glass_probe  # noqa: E402  (found in the folder above)

FLAWS = {}


def flaw(function):
    FLAWS[function.__name__] = function
    return function


@flaw
def none(environ, start_response):
    return glass_probe.application(environ, start_response)


@flaw
def never_closes(environ, start_response):
    for block in glass_probe.application(environ, start_response):
        yield block


@flaw
def closes_twice(environ, start_response):
    body = glass_probe.application(environ, start_response)

    class Twice:
        def __iter__(self):
            return iter(body)

        def close(self):
            for _ in range(2):
                getattr(body, "close", lambda: None)()

    return Twice()


@flaw
def accepts_a_second_start_response(environ, start_response):
    calls = []

    def lenient(status, headers, exc_info=None):
        calls.append(status)
        if len(calls) > 1 and exc_info is None:
            return lambda block: None
        return start_response(status, headers, exc_info)

    return glass_probe.application(environ, lenient)


@flaw
def environ_is_a_subclass(environ, start_response):
    class Environ(dict):
        pass

    return glass_probe.application(Environ(environ), start_response)


@flaw
def path_is_utf8(environ, start_response):
    environ["PATH_INFO"] = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return glass_probe.application(environ, start_response)


@flaw
def query_is_decoded(environ, start_response):
    if environ["PATH_INFO"].startswith("/environ"):
        environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("%C3%A9", "\u00c3\u00a9")
    return glass_probe.application(environ, start_response)


@flaw
def version_is_a_list(environ, start_response):
    environ["wsgi.version"] = [1, 0]
    return glass_probe.application(environ, start_response)


@flaw
def input_has_no_readline(environ, start_response):
    class OnlyRead:
        read = environ["wsgi.input"].read

    environ["wsgi.input"] = OnlyRead()
    return glass_probe.application(environ, start_response)


@flaw
def write_does_nothing(environ, start_response):
    def silent(*args):
        start_response(*args)
        return lambda block: None

    return glass_probe.application(environ, silent)


@flaw
def blocks_are_collected(environ, start_response):
    body = glass_probe.application(environ, start_response)
    try:
        return list(body)
    finally:
        getattr(body, "close", lambda: None)()


def application(environ, start_response):
    return FLAWS[os.environ["FLAW"]](environ, start_response)
