"""Django, with the admin site at /admin/ (user admin, password admin), sessions and an SQLite database.

The database is made at the first start, in the directory that GLASS_EXAMPLE_DATA names, or else in one of your own
below the temporary directory.

Run:  go run . --python /usr/bin/python3 --chdir examples/frameworks django_site.wsgi
Try:  curl http://127.0.0.1:8888/hello/Ada
"""

import fcntl
import os

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_site.settings")


def prepare_database():
    """Create the tables and the user. One worker process does it; the others wait."""
    from django.contrib.auth import get_user_model  # models can be imported only after the set-up

    with open(settings.DATA / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        call_command("migrate", verbosity=0)
        users = get_user_model().objects
        if not users.filter(username="admin").exists():
            users.create_superuser("admin", "admin@example.com", "admin")


django_application = get_wsgi_application()
prepare_database()
application = StaticFilesHandler(django_application)  # serves /static/, those of the admin site too
