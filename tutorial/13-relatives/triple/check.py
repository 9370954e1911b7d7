"""Applications as Ruby and Perl have them, called through the learner's adapters."""

import glass_course


class Body:
    """A body that is made block by block, and wants to be closed."""

    def __init__(self, random):
        self.random, self.events = random, []

    def __iter__(self):
        for block in (b"a ", self.random.encode()):
            self.events.append("made")
            yield block

    def close(self):
        self.events.append("closed")


def check(name, random):
    adapters = glass_course.load("adapters.py")
    seen, body = {}, Body(random)
    fields = {
        "rack": {"Content-Type": "text/plain", "X-Random": random},
        "rack-cookies": {"Set-Cookie": ["a=1", "b=" + random]},
        "psgi": ["Content-Type", "text/plain", "X-Random", random],
        "psgi-cookies": ["Set-Cookie", "a=1", "Set-Cookie", "b=" + random],
    }.get(name, [] if name.startswith("psgi") else {})

    def relative(env):
        seen.update(env)
        env["mine"] = True
        return [404 if name.endswith("cookies") else 200, fields, body]

    adapter = adapters.psgi_to_wsgi if name.startswith("psgi") else adapters.rack_to_wsgi
    if name == "rack-blocks":
        return one_by_one(adapter(relative), body)
    result = glass_course.call(adapter(relative), glass_course.environ(target="/" + random))
    result["own"] = sorted(key for key in seen if key.endswith(".input"))
    result["path"] = seen.get("PATH_INFO")
    return result


def one_by_one(application, body):
    """How many blocks have been made when the server has taken one; then it stops early."""
    iterable = application(glass_course.environ(), lambda *arguments: None)
    first = next(iter(iterable))
    events = list(body.events)
    if hasattr(iterable, "close"):
        iterable.close()
    return {"first": first, "made": len(events), "closed": body.events.count("closed")}
