"""Makes the bytes of a response. Its argument is the port; given.py has the rest of the server."""

import re
import sys
from email.utils import formatdate

import given

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


class Assembler:
    """send_head() comes once, then send_body() for each block, then finish() if the body is whole."""

    def __init__(self, connection, http10, is_head):
        self.connection = connection
        self.http10 = http10  # the request is HTTP/1.0
        self.is_head = is_head  # the method is HEAD
        self.framing = None

    def send_head(self, status, headers, length):
        """The status-line, the application's fields, and those of the server. The length is None where it is not known."""
        lines = ["HTTP/1.1 " + status]
        has_length = False
        for name, value in headers:
            if not TOKEN.fullmatch(name) or re.search("[\r\n\0]", value):
                raise ValueError(f"the field {name!r} would split the response: {value!r}")
            if name.lower() in HOP_BY_HOP:
                raise ValueError(f"{name} is about the connection, which is the server's")
            has_length = has_length or name.lower() == "content-length"
            lines.append(f"{name}: {value}")
        self.framing = self.choose_framing(status, has_length or length is not None)
        if length is not None and not has_length and status[:3] != "204":
            lines.append(f"Content-Length: {length}")
        if self.framing == "chunks":
            lines.append("Transfer-Encoding: chunked")
        lines += ["Date: " + formatdate(usegmt=True), "Connection: close", "", ""]
        self.connection.sendall("\r\n".join(lines).encode("latin-1"))

    def choose_framing(self, status, known):
        """How the client finds the end of the body: RFC 9112 §6.3, seen from the sender."""
        if self.is_head or status[:3] in ("204", "304"):
            return "no body"
        if known:
            return "length"
        return "close" if self.http10 else "chunks"

    def send_body(self, block):
        """Sends a block at once. It may be empty."""
        if not block or self.framing == "no body":
            return  # an empty chunk would be the end
        if self.framing == "chunks":
            block = b"%x\r\n%s\r\n" % (len(block), block)
        self.connection.sendall(block)

    def finish(self):
        """Comes after the last block."""
        if self.framing == "chunks":
            self.connection.sendall(b"0\r\n\r\n")


if __name__ == "__main__":
    given.serve(int(sys.argv[1]), Assembler)
