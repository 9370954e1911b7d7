"""The first application of every WSGI article: a function.

Run:  go run . examples/seeds/hello.py
Try:  curl http://127.0.0.1:8888/
"""


def application(env, start_response):
    status = '200 OK'
    headers = [('Content-Type', 'text/html')]
    start_response(status, headers)
    return [b"hello world"]
