"""From module:callable to the application."""


class LoadFailure(Exception):
    """kind is one of spec, module-not-found, import-missing, attribute-missing, not-callable."""

    def __init__(self, kind, detail):
        Exception.__init__(self, detail)
        self.kind = kind


def load(spec):
    """The callable that spec names, such as shop.wsgi:site.application; modules are looked for in the working directory, too."""
    raise NotImplementedError
