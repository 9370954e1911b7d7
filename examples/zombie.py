"""A process that has ended is kept as a zombie until its parent asks how it ended. Not for Windows, which has no zombies.

Run:  go run . examples/zombie.py
Try:  curl http://127.0.0.1:8888/
"""

import os
import subprocess
import sys


def state(pid):
    """What the system says of a process: R and S are running and sleeping, Z is a zombie."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return said.stdout.strip()[:1] or "no such process"


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    pid = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-I", "-c", "raise SystemExit(3)"])
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # returns when it has ended, and leaves it as it is
    yield b"it has ended:    %s\n" % state(pid).encode()
    _, status = os.waitpid(pid, 0)  # this takes the exit status, and the zombie is gone
    yield b"its exit status: %d\n" % os.waitstatus_to_exitcode(status)
    yield b"and now:         %s\n" % state(pid).encode()
