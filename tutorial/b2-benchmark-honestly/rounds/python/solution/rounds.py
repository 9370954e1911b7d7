"""What to make of figures: who is measured when, what counts, and how sure a ratio is."""

import json
import math
import os
from statistics import mean, stdev

# Student's t: so many standard errors to each side hold the true mean with 95 % confidence; by the number of values.
STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}


def turns(servers, rounds):
    """A list for each round: every server in its order, and each round begins with the next one."""
    first = [n % len(servers) for n in range(rounds)]
    return [servers[n:] + servers[:n] for n in first]


def steady(samples, warm_up):
    """Requests a second, and CPU seconds a request, from the time warm_up on. A sample is (time, answers, CPU seconds):
    counters that begin with the server, read from time to time."""
    samples = [sample for sample in samples if sample[0] >= warm_up]
    seconds, answers, cpu = (last - first for first, last in zip(samples[0], samples[-1]))
    return answers / seconds, cpu / answers


def ratio(of, over):
    """The geometric mean of of[n] / over[n], and the ends of its interval. The figures with the number n are of round n."""
    logs = [math.log(a / b) for a, b in zip(of, over)]
    middle = mean(logs)
    half = STUDENT[len(logs)] * stdev(logs) / math.sqrt(len(logs))
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


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
