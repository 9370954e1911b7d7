"""What a server does with an application, without a server: call it, iterate the result, close it.

Run:  python3 examples/seeds/call_application.py
Try:  go run . call examples/seeds/hello.py GET /        ("glass call" does the same, for any application)
"""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

from hello import application


def call_application(app, environ):
    status = None
    headers = None
    body = BytesIO()

    def start_response(rstatus, rheaders):
        nonlocal status, headers
        status, headers = rstatus, rheaders

    app_iter = app(environ, start_response)
    try:
        for data in app_iter:
            assert status is not None and headers is not None, \
                "start_response() was not called"
            body.write(data)
    finally:
        if hasattr(app_iter, 'close'):
            app_iter.close()
    return status, headers, body.getvalue()


if __name__ == '__main__':
    environ = {}
    setup_testing_defaults(environ)  # GET / and the other keys that PEP 3333 demands
    status, headers, body = call_application(application, environ)
    print(status, headers, body)
