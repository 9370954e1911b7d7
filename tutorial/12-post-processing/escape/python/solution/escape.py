"""Middleware that changes the response: a text becomes a page that shows the text, with its < and & escaped."""


def escaped(block):
    return block.replace(b"&", b"&amp;").replace(b"<", b"&lt;")


class Escape:
    """Around an application: text/plain becomes text/html. Everything else goes through as it is."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        return EscapedResponse(self.application, environ, start_response)


class EscapedResponse:
    """What stands between one call of the application and the server: a start_response, a write and an iterable."""

    def __init__(self, application, environ, start_response):
        self.server_start_response = start_response
        self.is_text = False  # known when the application has called start_response
        self.blocks = application(environ, self.start_response)

    def start_response(self, status, headers, exc_info=None):
        fields = {name.lower(): value for name, value in headers}
        self.is_text = fields.get("content-type", "").startswith("text/plain")
        if self.is_text:
            headers = [(name, value) for name, value in headers if name.lower() not in ("content-type", "content-length")]
            headers.append(("Content-Type", "text/html"))
        write = self.server_start_response(status, headers, exc_info)
        return lambda block: write(self.changed(block))

    def changed(self, block):
        return escaped(block) if self.is_text else block

    def __iter__(self):
        for block in self.blocks:
            yield self.changed(block)

    def close(self):
        if hasattr(self.blocks, "close"):
            self.blocks.close()


def formula(environ, start_response):
    """An application that says a formula."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"a < b"]


application = Escape(formula)
