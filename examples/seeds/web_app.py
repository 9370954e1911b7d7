"""An index page and a hello page, chosen by PATH_INFO.

The body is bytes, which Python 3 demands; all else is as the article has it. It names no Content-Type, which PEP 3333
leaves to the application; wsgiref.validate complains of that. examples/routing.py is the same with a Content-Type.

Run:  go run . examples/seeds/web_app.py
      python3 examples/seeds/web_app.py        (the same application, on wsgiref and port 8051)
Try:  curl http://127.0.0.1:8888/
      curl http://127.0.0.1:8888/abcd
"""

from wsgiref.simple_server import make_server


def application(environ, start_response):
    path = environ.get('PATH_INFO')
    if path == '/':
        response_body = b"Index"
    else:
        response_body = b"Hello"
    status = "200 OK"
    response_headers = [("Content-Length", str(len(response_body)))]
    start_response(status, response_headers)
    return [response_body]


if __name__ == '__main__':  # a server that imports this file must not find another server in it
    httpd = make_server('127.0.0.1', 8051, application)
    httpd.serve_forever()
