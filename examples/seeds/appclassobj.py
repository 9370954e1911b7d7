"""An application that is an instance with __call__. Name the instance to the server, not its class.

Run:  go run . examples/seeds/appclassobj.py:app
Try:  curl http://127.0.0.1:8888/
"""


class ApplicationObj:
    def __call__(self, env, start_response):
        status = '200 OK'
        headers = [('Content-Type', 'text/html')]
        start_response(status, headers)

        return [b"hello world"]


app = ApplicationObj()
