"""Requests, and what is looked at in their environs."""

import wsgiref.validate

import glass_course

STRINGS = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL")


def check(name, random):
    make_environ = glass_course.load("environ.py").make_environ

    def made(target="/", fields=(), body=b"", method=b"GET"):
        fields = [(b"Host", b"example.org"), *fields]
        return make_environ(method, target.encode("latin-1"), b"HTTP/1.1", fields, body, ("example.org", "8888"))

    def variables(environ):
        return {key: value for key, value in environ.items() if not key.startswith("wsgi.")}

    if name == "request-line":
        environ = made("/" + random, method=b"PUT")
        return {"type": type(environ).__name__, **{key: environ.get(key) for key in STRINGS}}
    if name == "query":
        return variables(made("/a?q=%20&x=" + random + "?"))
    if name == "bytes-of-the-path":
        return variables(made("/%E4%BD%A0/" + random))
    if name == "question-mark-in-the-path":
        return variables(made("/a%3Fb" + random + "?c=%3F"))
    if name == "plus-in-the-path":
        return variables(made("/a+b/" + random))
    if name == "native-strings":
        environ = made("/%FF?q=\xff", [(b"X-A", b"\xe9" + random.encode())], b"ab", b"POST")
        wrong = [key for key in STRINGS + ("HTTP_HOST", "HTTP_X_A") if type(environ.get(key, "")) is not str]
        return {"not_str": wrong, "HTTP_X_A": environ.get("HTTP_X_A"), "PATH_INFO": environ.get("PATH_INFO"), "QUERY_STRING": environ.get("QUERY_STRING")}
    if name == "field-names":
        return variables(made(fields=[(b"X-Request-Id", random.encode()), (b"user-agent", b"curl")]))
    if name == "content":
        fields = [(b"Content-Type", b"text/" + random.encode()), (b"content-length", b"3")]
        return variables(made(fields=fields, body=b"abc", method=b"POST"))
    if name == "no-content":
        return variables(made("/" + random))
    if name == "same-name-twice":
        fields = [(b"Accept", b"a"), (b"Cookie", b"a=1"), (b"Accept", random.encode()), (b"Cookie", b"b=2")]
        return variables(made(fields=fields))
    if name == "underscore":
        return variables(made(fields=[(b"X-User", random.encode()), (b"X_User", b"root"), (b"X_Admin", b"yes")]))
    if name == "input":
        file = made(body=random.encode() + b"\r\nGET", method=b"POST")["wsgi.input"]
        return {"first": repr(file.read(1)), "line": file.readline(), "rest": file.read(), "end": file.read()}
    if name == "server-keys":
        environ = made()
        flags = [environ.get("wsgi." + key) for key in ("multithread", "multiprocess", "run_once")]
        return {
            "version": repr(environ.get("wsgi.version")), "scheme": environ.get("wsgi.url_scheme"),
            "errors": hasattr(environ.get("wsgi.errors"), "write"), "flags": [type(flag).__name__ for flag in flags],
        }
    if name == "its-own":
        first, second = made("/1"), made("/2")
        return {"same": first is second, "paths": [first["PATH_INFO"], second["PATH_INFO"]]}
    environ = made("/" + random)
    wsgiref.validate.check_environ(environ)
    return {"accepted": environ["PATH_INFO"]}
