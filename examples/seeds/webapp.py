"""An application called app: the name that a server tries when it finds no "application".

Run:  go run . examples/seeds/webapp.py:app
Try:  curl http://127.0.0.1:8888/hello
"""


def app(environ, start_response):
    status = '200 OK'
    response_headers = [('Content-Type', 'text/plain')]
    start_response(status, response_headers)
    return [b'Hello world from a simple WSGI application!\n']
