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
        """Does what a connection is ready for."""
        try:
            if events & selectors.EVENT_READ:
                self.receive(connection)
            else:
                self.send(connection)
        except OSError as error:
            print("the client is gone:", error)
            self.close(connection)

    def receive(self, connection):
        """Takes what has come, and answers the requests that are complete."""
        piece = connection.socket.recv(65536)
        if not piece:
            self.close(connection)
            return
        connection.heard = time.monotonic()
        connection.received += piece
        while not connection.ends:
            response, used, keep = given.answer(connection.received)
            if not used:
                break
            connection.received = connection.received[used:]
            connection.unsent += response
            connection.ends = not keep
        if connection.unsent:
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
        """Closes the connections over which nothing came for too long."""
        for connection in list(self.connections):
            if time.monotonic() - connection.heard > IDLE:
                self.close(connection)

    def close(self, connection):
        self.connections.remove(connection)
        self.selector.unregister(connection.socket)
        connection.socket.close()


Loop(given.listen(int(sys.argv[1]))).run()
