"""Which lines ran? A tracer on sys.monitoring."""

import sys

import shop

monitoring, events = sys.monitoring, sys.monitoring.events
TOOL = monitoring.DEBUGGER_ID


def trace(call, file, seen):
    """Returns what call() returns. Meanwhile seen gets a (function, line) for each line that runs in file."""

    def on_start(code, offset):
        """A function begins. What is returned is about this code only."""
        if code.co_filename == file:
            monitoring.set_local_events(TOOL, code, events.LINE)
        return monitoring.DISABLE

    def on_line(code, line):
        """A line is about to run."""
        seen.append((code.co_name, line))

    monitoring.use_tool_id(TOOL, "trace")
    try:
        monitoring.register_callback(TOOL, events.PY_START, on_start)
        monitoring.register_callback(TOOL, events.LINE, on_line)
        monitoring.set_events(TOOL, events.PY_START)
        monitoring.restart_events()
        return call()
    finally:
        monitoring.free_tool_id(TOOL)


def application(environ, start_response):
    """Calls the application of shop.py, and shows the lines that ran."""
    seen = []
    trace(lambda: list(shop.application(environ, lambda status, headers: None)), shop.__file__, seen)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{function}:{line}\n".encode() for function, line in seen]
