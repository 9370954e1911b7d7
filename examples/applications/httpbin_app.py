"""httpbin, which tests clients: it answers with what it was sent, or as it is asked to.

Run:  go run . --python /usr/bin/python3 examples/applications/httpbin_app.py
Try:  curl -d colour=blue http://127.0.0.1:8888/anything
"""

from httpbin import app as application

__all__ = ["application"]
