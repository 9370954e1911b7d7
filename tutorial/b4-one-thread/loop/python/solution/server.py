"""Serves many connections with one thread. Its argument is the port."""

import selectors
import sys
import time

import given

IDLE = 3  # seconds of silence after which a connection ends
TURN = 0.5  # seconds that a turn waits at most


class Connection:
    """A socket, the bytes that came and are not used up, and those that it has not taken yet."""

    def __init__(self, socket):
        self.socket, self.received, self.unsent, self.ends = socket, b"", b"", False
        self.heard = time.monotonic()


class Loop:
    """All the connections, and the one thread that serves them. Nothing in here may wait for one of them."""

    def __init__(self, listener):
        self.listener, self.selector, self.connections = listener, given.Selector(), set()
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ)

    def run(self):
        while True:
            for key, events in self.selector.select(TURN):
                if key.fileobj is self.listener:
                    self.accept()
                else:
                    self.serve(key.data, events)
            self.end_silent()

    def accept(self):
        """Takes a connection, and asks to be told when something comes over it."""
        socket, address = self.listener.accept()
        socket.setblocking(False)
        connection = Connection(socket)
        self.connections.add(connection)
        self.selector.register(socket, selectors.EVENT_READ, connection)

    def serve(self, connection, events):
        """Does what a connection is ready for, and answers what has come."""
        connection.heard = time.monotonic()
        try:
            if events & selectors.EVENT_READ:
                self.receive(connection)
            else:
                self.send(connection)
            self.answer(connection)
        except OSError as error:
            print("the client is gone:", error)
            self.close(connection)

    def receive(self, connection):
        """Takes what has come."""
        piece = connection.socket.recv(65536)
        connection.received += piece
        if not piece:
            self.close(connection)

    def answer(self, connection):
        """Answers the requests that are complete, one after the other: the next one when a response has left."""
        while not connection.unsent and not connection.ends:
            response, used, keep = given.answer(connection.received)
            if not used:
                return
            connection.received = connection.received[used:]
            connection.unsent, connection.ends = response, not keep
            self.send(connection)

    def send(self, connection):
        """Sends what the socket takes now, and asks to be told when it takes more."""
        try:
            sent = connection.socket.send(connection.unsent)
        except BlockingIOError:
            sent = 0
        connection.unsent = connection.unsent[sent:]
        if connection.unsent:
            self.selector.modify(connection.socket, selectors.EVENT_WRITE, connection)
        elif connection.ends:
            self.close(connection)
        else:
            self.selector.modify(connection.socket, selectors.EVENT_READ, connection)

    def end_silent(self):
        """Closes the connections over which nothing came or went for too long."""
        for connection in list(self.connections):
            if time.monotonic() - connection.heard > IDLE:
                self.close(connection)

    def close(self, connection):
        self.connections.remove(connection)
        self.selector.unregister(connection.socket)
        connection.socket.close()


Loop(given.listen(int(sys.argv[1]))).run()
