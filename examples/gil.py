"""The global interpreter lock: the same work four times, one after another, in threads, and in processes.

One thread of a process has the GIL and runs Python; the others wait for it. A thread that waits for something else, such
as a socket, gives it away meanwhile. So threads help an application that waits, and not one that computes; processes
help both. Each line is sent when it is known.

Run:  go run . examples/gil.py
Try:  curl -N http://127.0.0.1:8888/
"""

import subprocess
import sys
import threading
import time

TIMES = 4
ROUNDS = 2_000_000  # about a tenth of a second of computing
SECONDS = 0.1  # of waiting


def compute():
    total = 0
    for number in range(ROUNDS):
        total += number


def wait():
    time.sleep(SECONDS)


def one_after_another(work):
    begun = time.perf_counter()
    for _ in range(TIMES):
        work()
    return time.perf_counter() - begun


def in_threads(work):
    threads = [threading.Thread(target=work) for _ in range(TIMES)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def in_processes(work):
    """Each process says that it is there, and works when it is told to: its start does not count."""
    command = [sys.executable, "-I", __file__, work.__name__]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(TIMES)]
    for child in children:
        child.stdout.readline()
    begun = time.perf_counter()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        child.stdout.readline()
    took = time.perf_counter() - begun
    for child in children:
        child.communicate()  # and wait for its end: a child that nothing waits for stays as a zombie
    return took


def child(work):
    print("ready", flush=True)
    sys.stdin.readline()
    work()
    print("done", flush=True)


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    yield b"%d times             compute       wait\n" % TIMES
    for name, way in ("one after another", one_after_another), ("in threads", in_threads), ("in processes", in_processes):
        yield b"%-18s %7.0f ms %7.0f ms\n" % (name.encode(), way(compute) * 1000, way(wait) * 1000)


if __name__ == "__main__":
    child({"compute": compute, "wait": wait}[sys.argv[1]])
