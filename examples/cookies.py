"""Cookies: response_headers is a list, so a name may come twice; the peer's cookies come back in HTTP_COOKIE.

Run:  go run . examples/cookies.py
Try:  curl -i -H "Cookie: visits=41; colour=blue" http://127.0.0.1:8888/
"""

from http.cookies import CookieError, SimpleCookie


def application(environ, start_response):
    try:
        cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        cookies = SimpleCookie()
    visits = 1
    if "visits" in cookies and cookies["visits"].value.isdecimal():
        visits = int(cookies["visits"].value) + 1
    colour = cookies["colour"].value if "colour" in cookies else "green"

    body = f"visit {visits}, colour {colour}\n".encode("utf-8")
    start_response("200 OK", [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Set-Cookie", f"visits={visits}; Path=/; HttpOnly; SameSite=Lax"),
        ("Set-Cookie", "colour=green; Path=/; Max-Age=3600; SameSite=Lax"),
    ])
    return [body]
