"""Modules to load from, in a folder that becomes the working directory."""

import os
import sys
import tempfile

import glass_course

SHOP = """
class Site:
    def application(self, environ, start_response):
        return "%s"

site = Site()
title = "a shop"

def application(environ, start_response):
    return "plain %s"
"""


def check(name, random):
    loader = glass_course.load("loader.py")
    here = os.getcwd()
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or here) != here]  # a server is started from anywhere
    shop, broken = "shop_" + random, "broken_" + random
    specs = {
        "plain": shop + ":application",
        "package": "pkg_%s.wsgi:application" % random,
        "attributes": shop + ":site.application",
        "no-colon": shop,
        "no-module": "nothing_%s:application" % random,
        "import-missing": broken + ":application",
        "no-attribute": shop + ":aplication",
        "not-callable": shop + ":title",
    }
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            os.mkdir("pkg_" + random)
            for file, text in {
                shop + ".py": SHOP % (random, random),
                "pkg_%s/__init__.py" % random: "",
                "pkg_%s/wsgi.py" % random: SHOP % (random, random),
                broken + ".py": "import missing_%s\n" % random,
            }.items():
                with open(file, "w") as out:
                    out.write(text)
            try:
                found = loader.load(specs[name])
                return {"called": found({}, None) if callable(found) else "it is " + type(found).__name__}
            except loader.LoadFailure as failure:
                return {"kind": failure.kind, "detail": str(failure)}
        finally:
            os.chdir(here)
