"""What to make of figures: who is measured when, what counts, and how sure a ratio is."""

import json
import os

# Student's t: so many standard errors to each side hold the true mean with 95 % confidence; by the number of values.
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}


def turns(servers, rounds):
    """A list for each round: every server in its order, and each round begins with the next one."""
    raise NotImplementedError


def steady(samples, warm_up):
    """Requests a second, and CPU seconds a request, from the time warm_up on. A sample is (time, answers, CPU seconds):
    counters that begin with the server, read from time to time."""
    raise NotImplementedError


def ratio(of, over):
    """The geometric mean of of[n] / over[n], and the ends of its interval. The figures with the number n are of round n."""
    raise NotImplementedError  # with logarithms; the interval is STUDENT[…] standard errors to each side


def figures(report, server, metric):
    """Those of a server in a report of glass bench, round by round."""
    measurements = report["workloads"][0]["measurements"]
    return [m["values"][metric] for m in sorted(measurements, key=lambda m: m["round"]) if m["server"] == server]


def application(environ, start_response):
    """The rounds of before.json, and the ratio that is in them."""
    with open(os.path.join(os.path.dirname(__file__), "before.json"), encoding="utf-8") as file:
        report = json.load(file)
    glass, wsgiref = figures(report, "glass", "rate"), figures(report, "wsgiref", "rate")
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"round   glass  wsgiref  ratio\n"
    for n, (a, b) in enumerate(zip(glass, wsgiref)):
        yield f"{n + 1:5}{a:8.0f}{b:9.0f}{a / b:7.2f}\n".encode()
    yield "glass is {:.2f} x wsgiref ({:.2f} to {:.2f})\n".format(*ratio(glass, wsgiref)).encode()
