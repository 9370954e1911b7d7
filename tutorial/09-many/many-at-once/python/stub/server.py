"""Serves one client after another, and should serve up to LIMIT at the same time. Its argument is the port."""

import sys

import given

LIMIT = 8  # connections that are served at the same time; the others wait
MULTITHREAD = False  # what the application is told: may it be called again while it runs?


def serve(connection):
    with connection:  # closes it at the end
        given.exchange(connection, MULTITHREAD)


def main():
    listener = given.listen(int(sys.argv[1]))
    while True:
        connection, address = listener.accept()
        try:
            serve(connection)
        except OSError as error:
            print("the client is gone:", error)


main()
