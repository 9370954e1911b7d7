"""Any application inside wsgiref.validate, which checks both sides of the interface and raises AssertionError.

VALIDATED names the application, FILE:CALLABLE; FILE is relative to the working directory.
"""

import importlib.util
import os
import warnings
from wsgiref.validate import WSGIWarning, validator

warnings.simplefilter("error", category=WSGIWarning)  # what the validator only frowns at is a failure too


def load(file, name):
    spec = importlib.util.spec_from_file_location("validated_application", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


application = validator(load(*os.environ["VALIDATED"].rsplit(":", 1)))
