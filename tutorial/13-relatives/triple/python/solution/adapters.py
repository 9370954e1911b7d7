"""Applications of Ruby's and Perl's standards, served as WSGI applications. (Ruby and Perl are written in Python here.)"""

from http.client import responses


def status_line(code):
    """What WSGI calls a status: 200 becomes "200 OK"."""
    return f"{code} {responses.get(code, 'Unknown')}"


def translated(environ, prefix):
    """A copy of environ with what Rack or PSGI call their own: wsgi.input becomes rack.input."""
    return {key.replace("wsgi.", prefix) if key.startswith("wsgi.") else key: value for key, value in environ.items()}


def rack_to_wsgi(rack):
    """rack(env) gives (200, {"Content-Type": "text/plain", "Set-Cookie": ["a=1", "b=2"]}, body)."""

    def application(environ, start_response):
        code, fields, body = rack(translated(environ, "rack."))
        headers = []
        for name, values in fields.items():
            for value in [values] if isinstance(values, str) else values:
                headers.append((name, value))
        start_response(status_line(code), headers)
        return body

    return application


def psgi_to_wsgi(psgi):
    """psgi(env) gives [200, ["Content-Type", "text/plain", "Set-Cookie", "a=1", "Set-Cookie", "b=2"], body]."""

    def application(environ, start_response):
        code, flat, body = psgi(translated(environ, "psgi."))
        start_response(status_line(code), list(zip(flat[::2], flat[1::2])))
        return body

    return application


def hello(env):
    """An application for Rack."""
    return 200, {"Content-Type": "text/plain", "Set-Cookie": ["a=1", "b=2"]}, [b"hello ", env["PATH_INFO"].encode("latin-1")]


application = rack_to_wsgi(hello)
