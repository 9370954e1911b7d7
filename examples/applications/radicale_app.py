"""Radicale, a server for calendars and contacts (CalDAV, CardDAV). Here it asks for no password.

Run:  go run . --python /usr/bin/python3 examples/applications/radicale_app.py
Try:  curl -u ada: -X MKCALENDAR -i http://127.0.0.1:8888/ada/calendar/
"""

import os
import tempfile

from radicale import config
from radicale.app import Application

folder = os.environ.get("GLASS_EXAMPLE_DATA") or tempfile.mkdtemp(prefix="radicale-")

configuration = config.load()
configuration.update({"storage": {"filesystem_folder": folder}, "auth": {"type": "none"}}, "this example")
application = Application(configuration)
