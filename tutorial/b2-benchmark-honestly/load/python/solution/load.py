"""A load generator with one connection. ask() is a request and its response; clock has now() and sleep()."""

import math

from given import Clock, server


def closed_loop(ask, clock, duration):
    """Asks, and asks again as soon as it is answered. The latencies count from when a request was sent."""
    begun = clock.now()
    latencies = []
    while clock.now() - begun < duration:
        sent = clock.now()
        ask()
        latencies.append(clock.now() - sent)
    return latencies


def open_loop(ask, clock, duration, every):
    """Requests are due at the beginning, and then after each time every, for as long as duration."""
    begun = clock.now()
    latencies = []
    for due in range(begun, begun + duration, every):
        clock.sleep(max(0, due - clock.now()))
        ask()
        latencies.append(clock.now() - due)
    return latencies


def percentile(latencies, p):
    """The smallest of the latencies that p of 100 do not exceed."""
    return sorted(latencies)[math.ceil(len(latencies) * p / 100) - 1]


def row(name, latencies):
    cells = [f"{percentile(latencies, p)} ms" for p in (50, 90, 99, 100)]
    return f"{name:12}{len(latencies):>8}" + "".join(f"{cell:>9}" for cell in cells) + "\n"


def application(environ, start_response):
    """Ten seconds of a server that answers in a millisecond and stalls once, for a second, measured in both ways."""
    clock = Clock()
    closed = closed_loop(server(clock, stall_at=5000), clock, 10000)
    clock = Clock()
    open_ = open_loop(server(clock, stall_at=5000), clock, 10000, 10)
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield f"{'':12}{'answers':>8}{'p50':>9}{'p90':>9}{'p99':>9}{'max':>9}\n".encode()
    yield row("closed loop", closed).encode()
    yield row("open loop", open_).encode()
