"""An application that is a class: the server calls the class, and iterates the instance that this makes.

Run:  go run . examples/seeds/appclass.py:Application
Try:  curl http://127.0.0.1:8888/
"""


class Application:
    def __init__(self, env, start_response):
        status = '200 OK'
        headers = [('Content-Type', 'text/html')]
        start_response(status, headers)

    def __iter__(self):
        yield b"Hello world "
