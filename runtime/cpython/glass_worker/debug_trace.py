"""Lines by sys.settrace, for Pythons before 3.12. It slows every call of a request down while somebody is attached, and
what runs already is not seen: a request that has begun before can be paused only at the server's steps."""

import sys
from _thread import get_ident

from glass_worker.debug_engine import LIBRARY, RUN, Engine


class Tracer(Engine):
    callable = None

    def attach(self):
        self.attached = True

    def detach(self):
        self.attached = False
        self.let_all_go()

    def refresh(self):
        """The trace function looks at what is wanted."""

    def arm(self, code):
        """It sees all code of the application."""

    def disarm(self):
        """And it looks at breakpoints anew for each line."""

    def pause(self, number):
        """Before 3.13, what one thread reads of another's running frame may undo what that one writes."""
        for task in list(self.tasks.values()):
            if task.number == number and task.stack is None:
                self.tell(task, "before Python 3.12, an application that runs cannot be paused at its next line: "
                                "it stops at the server's next step, or at a breakpoint")

    def begin(self, number):
        task = Engine.begin(self, number)
        if self.attached:
            sys.settrace(self.on_call)
        return task

    def end(self, task):
        sys.settrace(None)
        Engine.end(self, task)

    def on_call(self, frame, event, argument):
        code = frame.f_code
        task = self.tasks.get(get_ident())
        if not self.attached or task is None or task.busy:
            return None
        if self.kind_of(code):
            self.at_begin(frame)
        if self.is_own(code) or task.mode == LIBRARY or self.points(code):
            return self.on_event
        return None

    def on_event(self, frame, event, argument):
        if event == "line":
            self.at_line(frame.f_code, frame.f_lineno, frame)
        elif event == "return":
            self.at_return(frame, argument)
            self.at_leave(frame)
        elif event == "exception" and "raised" in self.filters:
            self.at_raise(frame, argument[1])
        return self.on_event
