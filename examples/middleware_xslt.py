"""Middleware, content post-processing: XML is turned into HTML by an XSLT stylesheet.

A stylesheet needs the whole document, so this is the exception to one block in, one block out: empty blocks go to the
server meanwhile. Python has no XSLT of its own; lxml has (glass pip install lxml, or Debian's python3-lxml).

Run:  go run . --python /usr/bin/python3 examples/middleware_xslt.py
Try:  curl -i http://127.0.0.1:8888/
      curl -i http://127.0.0.1:8888/broken
"""

import sys

from lxml import etree

STYLESHEET = """\
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="utf-8"/>
<xsl:template match="/library">
<ul><xsl:for-each select="book"><li><xsl:value-of select="@title"/></li></xsl:for-each></ul>
</xsl:template>
</xsl:stylesheet>
"""


class XSLT:
    """Wraps an application; one XSLTResponse does the work of one request."""

    def __init__(self, application, stylesheet):
        self.application = application
        self.transform = etree.XSLT(etree.XML(stylesheet))

    def __call__(self, environ, start_response):
        response = XSLTResponse(self.transform, start_response)
        response.blocks = self.application(environ, response.start_response)
        return response


class XSLTResponse:
    """The start_response, the write and the iterable between the inner application and the server."""

    def __init__(self, transform, start_response):
        self.transform = transform
        self.server_start_response = start_response
        self.is_xml = False  # known when the application has called start_response
        self.document = b""

    def start_response(self, status, headers, exc_info=None):
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        self.is_xml = kind.partition(";")[0].strip() in ("application/xml", "text/xml")
        if self.is_xml:
            headers = [(name, value) for name, value in headers if name.lower() not in ("content-type", "content-length", "etag")]
            headers.append(("Content-Type", "text/html; charset=utf-8"))
        server_write = self.server_start_response(status, headers, *([exc_info] if exc_info else []))
        return self.keep if self.is_xml else server_write

    def keep(self, block):
        self.document += block

    def __iter__(self):
        for block in self.blocks:
            if self.is_xml:
                self.keep(block)
                block = b""  # nothing to say yet: the server has the head, and does not send it for an empty block
            yield block
        if self.is_xml:
            yield self.page()

    def page(self):
        try:
            return bytes(self.transform(etree.fromstring(self.document)))
        except etree.Error as error:  # nothing is sent yet, so another head can replace the one before
            self.server_start_response("502 Bad Gateway", [("Content-Type", "text/plain")], sys.exc_info())
            return f"the XML cannot be transformed: {type(error).__name__}\n".encode()

    def close(self):
        if hasattr(self.blocks, "close"):
            self.blocks.close()


def library(environ, start_response):
    """The inner application, which knows nothing of HTML."""
    start_response("200 OK", [("Content-Type", "application/xml")])
    if environ.get("PATH_INFO") == "/broken":
        return [b"<library><book"]
    return [b"<library>", '<book title="西游记"/>'.encode(), b'<book title="Emma"/></library>']


application = XSLT(library, STYLESHEET)
