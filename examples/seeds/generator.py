"""An application that is a generator function: the "yield" makes the call return an iterable before any line has run.

Run:  go run . examples/seeds/generator.py
Try:  curl http://127.0.0.1:8888/
"""


def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    yield b'Hello, World\n'
