"""What is different in two responses to the same request? Each is (status, headers, body)."""

SERVERS_OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"}


def differences(first, second):
    """A list of what differs: "status", "body", and the names of header fields in lower case, sorted. [] if nothing does."""
    found = []
    if first[0] != second[0]:
        found.append("status")
    if first[2] != second[2]:
        found.append("body")
    one, other = fields(first[1]), fields(second[1])
    return found + sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def fields(headers):
    """Name to the list of its values, in their order. What servers add by themselves is left out."""
    values = {}
    for name, value in headers:
        if name.lower() not in SERVERS_OWN:
            values.setdefault(name.lower(), []).append(value)
    return values
