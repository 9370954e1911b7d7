"""hgweb, the web interface of Mercurial: a browser reads the repository, and hg pulls from it and pushes to it.

Run:  go run . --python /usr/bin/python3 examples/applications/hgweb_app.py
Try:  hg clone http://127.0.0.1:8888/ copy
"""

import os
import tempfile

from mercurial import hg, ui
from mercurial.hgweb import hgweb

folder = os.fsencode(os.environ.get("GLASS_EXAMPLE_DATA") or tempfile.mkdtemp(prefix="hgweb-"))

settings = ui.ui.load()
settings.setconfig(b"web", b"push_ssl", False)  # on loopback
settings.setconfig(b"web", b"allow-push", b"*")
hg.repository(settings, folder, create=not os.path.isdir(os.path.join(folder, b".hg")))
application = hgweb(folder, baseui=settings)
