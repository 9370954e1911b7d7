"""A debugger: it stops at lines and at exceptions, and asks what to do next."""

import sys

import shop

monitoring, events = sys.monitoring, sys.monitoring.events
TOOL = monitoring.DEBUGGER_ID


class Stepper:
    """ask(reason, function, line, variables) is what its user does at a stop. It returns "step" or "continue"."""

    def __init__(self, file, breakpoints, ask):
        self.file, self.breakpoints, self.ask = file, breakpoints, ask
        self.stepping = False  # stop at the next line
        self.error = None  # the exception that it last stopped for

    def run(self, call):
        """Returns what call() returns."""
        monitoring.use_tool_id(TOOL, "stepper")
        try:
            monitoring.register_callback(TOOL, events.PY_START, self.on_start)
            monitoring.register_callback(TOOL, events.LINE, self.on_line)
            monitoring.register_callback(TOOL, events.RAISE, self.on_raise)
            monitoring.set_events(TOOL, events.PY_START | events.RAISE)
            monitoring.restart_events()
            return call()
        finally:
            monitoring.free_tool_id(TOOL)

    def on_start(self, code, offset):
        if code.co_filename == self.file:
            monitoring.set_local_events(TOOL, code, events.LINE)
        return monitoring.DISABLE

    def on_line(self, code, line):
        """A line of file is about to run. Where nobody will stop, it need not be told again."""
        if line in self.breakpoints:
            self.stop("breakpoint", sys._getframe(1))
        elif self.stepping:
            self.stop("step", sys._getframe(1))
        else:
            return monitoring.DISABLE

    def on_raise(self, code, offset, error):
        """An exception is raised, or passes through a frame. Of one, the first place in file is enough."""
        if code.co_filename == self.file and error is not self.error:
            self.error = error
            self.stop("exception", sys._getframe(1))

    def stop(self, reason, frame):
        """Ask what to do next, and get ready for it."""
        how = self.ask(reason, frame.f_code.co_name, frame.f_lineno, frame.f_locals)
        self.stepping = how == "step"
        if self.stepping:
            monitoring.restart_events()


def application(environ, start_response):
    """Calls the application of shop.py, and shows each stop with the variables that are texts or numbers."""
    page = []

    def ask(reason, function, line, variables):
        shown = [f"{name}={value!r}" for name, value in variables.items() if isinstance(value, (str, int))]
        page.append(f"{reason:11}{function}:{line}  {' '.join(shown)}".rstrip() + "\n")
        return "step" if len(page) < 5 else "continue"

    stepper = Stepper(shop.__file__, {7}, ask)
    stepper.run(lambda: list(shop.application(environ, lambda status, headers: None)))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return ["".join(page).encode()]
