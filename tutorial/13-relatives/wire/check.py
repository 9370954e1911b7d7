"""Requests in two protocols. The bytes of FastCGI come back in hexadecimal."""

import glass_course


def check(name, random):
    frames = glass_course.load("frames.py")
    if name == "scgi":
        return frames.scgi_request({"REQUEST_METHOD": "GET", "REQUEST_URI": "/" + random}, b"")
    if name == "scgi-body":
        return frames.scgi_request({"REQUEST_METHOD": "POST", "REQUEST_URI": "/"}, b"\xe4\xbd\xa0" + random.encode())
    if name == "scgi-bytes":
        return frames.scgi_request({"PATH_INFO": "/\u00e4\u00bd\u00a0" + random}, b"")
    if name == "begin-record":
        return {"record": frames.fastcgi_record(1, 1, bytes([0, 1, 0, 0, 0, 0, 0, 0])).hex(" ")}
    if name == "padding":
        record = frames.fastcgi_record(5, 258, random.encode() * 25)
        return {"head": record[:8].hex(" "), "length": len(record), "content": record[8:20], "padding": record[308:].hex(" ")}
    if name == "short-pair":
        return frames.fastcgi_pair("PATH_INFO", "/\u00e4\u00bd\u00a0" + random)
    if name == "pair-at-the-boundary":
        pairs = {n: frames.fastcgi_pair("a", "v" * n) for n in (127, 128, 256)}
        return {str(n): pair[:len(pair) - n].hex(" ") for n, pair in pairs.items()}
    pair = frames.fastcgi_pair("HTTP_COOKIE", "a" * 300 + random)
    return {"lengths": pair[:5].hex(" "), "length": len(pair), "name": pair[5:16], "end": pair[-12:]}
