"""What is different in two responses to the same request? Each is (status, headers, body)."""

SERVERS_OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"}


def differences(first, second):
    """A list of what differs: "status", "body", and the names of header fields in lower case, sorted. [] if nothing does."""
    raise NotImplementedError
