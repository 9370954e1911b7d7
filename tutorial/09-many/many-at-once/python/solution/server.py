"""Serves up to LIMIT clients at the same time, each in a thread. Its argument is the port."""

import sys
import threading

import given

LIMIT = 8  # connections that are served at the same time; the others wait
MULTITHREAD = True  # what the application is told: may it be called again while it runs?

slots = threading.BoundedSemaphore(LIMIT)


def serve(connection):
    try:
        with connection:  # closes it at the end
            given.exchange(connection, MULTITHREAD)
    except OSError as error:
        print("the client is gone:", error)
    finally:
        slots.release()


def main():
    listener = given.listen(int(sys.argv[1]))
    while True:
        slots.acquire()  # waits while all are taken
        connection, address = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


main()
