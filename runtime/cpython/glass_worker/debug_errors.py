"""What is written to wsgi.errors, which is the worker's sys.stderr, while somebody looks: it goes there as ever, and to the
one who looks, with the call in which it was written. Tracebacks of frameworks, which no exception tells of, come this way."""

import sys
from _thread import get_ident

from glass_worker import debug_values as values
from glass_worker.report import printable

MOST = 64 * 1024  # characters of one write()


class Errors:
    def __init__(self, stream, debugger):
        self.stream, self.debugger = stream, debugger

    def look(self):
        """Writing through the stream's own attribute reaches whoever has kept the stream, such as a logging handler."""
        write = type(self.stream).write.__get__(self.stream)

        def write_and_tell(text):
            size = write(text)
            self.tell(text)
            return size

        try:
            self.stream.write = write_and_tell
        except AttributeError:  # a stream of another kind: it goes on unseen
            pass

    def look_away(self):
        if "write" in getattr(self.stream, "__dict__", ()):
            del self.stream.write

    def tell(self, text):
        engine = self.debugger.engine
        task = engine.tasks.get(get_ident())
        if task is None or not isinstance(text, str) or not text:
            return
        at = engine.own_line(task)
        message = {"event": "errors", "call": task.number, "text": printable(text[:MOST]), "after": task.events}
        if task.conversation is not None:
            message["ns"] = task.conversation.since()
        if at is not None:
            message.update(file=at[0].co_filename, line=at[1], function=values.name_of(at[0]))
        self.debugger.link.send(message)
        if "Traceback (most recent call last)" in text and task.failed is not None:
            self.tell_caught(task, sys.exc_info()[1])

    def tell_caught(self, task, error):
        """A framework has caught what the application's own code raised, and writes it down: nothing else will tell of it.
        Where the own code has caught it, or never saw it, all is as it was meant."""
        is_own = self.debugger.engine.is_own
        if error is None or error.__traceback__ is None or is_own(error.__traceback__.tb_frame.f_code):
            return
        if any(is_own(frame.f_code) for frame, _ in values.frames_of_error(error)):
            task.failed(error)
