"""Lines by sys.monitoring (PEP 669), from Python 3.12 on: only code that is asked for is slowed down, and nothing once
the debugger is detached."""

import sys
from _thread import get_ident

from glass_worker.debug_engine import RUN, Engine

monitoring = getattr(sys, "monitoring", None)  # this module is there in older Pythons, too, and not used
events = getattr(monitoring, "events", None)
DISABLE = getattr(monitoring, "DISABLE", None)

# What an armed code object tells. That an exception leaves a frame can be told only of all code (cpython#142186), so
# that is asked for only while somebody steps.
if events is not None:
    ARMED = events.LINE | events.PY_RETURN | events.PY_YIELD
    WHILE_STEPPING = events.PY_START | events.PY_RESUME | events.PY_THROW | events.PY_UNWIND


class Monitor(Engine):
    tool = None

    def __init__(self, link, roots):
        Engine.__init__(self, link, roots)
        self.armed = set()
        self.callable = None  # the code of the application callable
        self.returning = set()  # code whose returns are told while attached: the callable, and the application's own

    # ---- on and off

    def attach(self):
        if self.attached:
            return
        for tool in (monitoring.DEBUGGER_ID, 3, 4):
            if monitoring.get_tool(tool) is None:
                break
        else:
            holders = ", ".join(str(monitoring.get_tool(tool)) for tool in (monitoring.DEBUGGER_ID, 3, 4))
            self.tell(None, "lines cannot be stepped: sys.monitoring is taken by %s" % holders)
            return
        self.tool = tool
        monitoring.use_tool_id(tool, "glass")
        for event, callback in (
            (events.PY_START, self.on_start), (events.PY_RESUME, self.on_resume), (events.PY_THROW, self.on_throw),
            (events.LINE, self.on_line), (events.PY_RETURN, self.on_return), (events.PY_YIELD, self.on_yield),
            (events.PY_UNWIND, self.on_unwind), (events.RAISE, self.on_raise)):  # fmt: skip
            monitoring.register_callback(tool, event, callback)
        self.attached = True
        if self.callable is not None:
            self.tell_returns(self.callable)
        self.change()

    def detach(self):
        if not self.attached:
            return
        self.attached = False
        self.let_all_go()
        tool, self.tool = self.tool, None
        monitoring.set_events(tool, 0)
        for code in self.armed | self.returning:
            monitoring.set_local_events(tool, code, 0)
        self.armed.clear()
        self.returning.clear()
        for event in (events.PY_START, events.PY_RESUME, events.PY_THROW, events.LINE, events.PY_RETURN,
                      events.PY_YIELD, events.PY_UNWIND, events.RAISE):  # fmt: skip
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)

    def refresh(self):
        """Ask for what is needed now. Whoever said that it wanted to hear no more is asked again."""
        if not self.attached:
            return
        wanted = WHILE_STEPPING if self.stepping else events.PY_START
        if "raised" in self.filters:
            wanted |= events.RAISE
        monitoring.set_events(self.tool, wanted)
        if self.lines:  # code that runs already, such as a loop that never ends
            for frame in sys._current_frames().values():
                self.arm_points(frame)
        monitoring.restart_events()

    def arm_points(self, frame):
        while frame is not None:
            if self.has_point(frame.f_code):
                self.arm(frame.f_code)
            frame = frame.f_back

    def arm(self, code):
        if self.tool is not None and code not in self.armed:
            self.armed.add(code)
            monitoring.set_local_events(self.tool, code, ARMED)

    def tell_returns(self, code):
        if self.tool is not None and code not in self.returning:
            self.returning.add(code)
            monitoring.set_local_events(self.tool, code, ARMED if code in self.armed else events.PY_RETURN)

    def disarm(self):
        """Code that is needed no more is as fast as before; what somebody steps through is needed."""
        if self.tool is None:
            return
        for code in self.armed:
            monitoring.set_local_events(self.tool, code, events.PY_RETURN if code in self.returning else 0)
        self.armed.clear()
        for task in list(self.tasks.values()):
            if task.mode != RUN:
                self.arm_stack(sys._current_frames().get(task.ident))

    def has_point(self, code):
        points = self.points(code)
        return bool(points) and any(line in points for _, _, line in code.co_lines())

    # ---- what Python calls

    def on_start(self, code, offset):
        task = self.tasks.get(get_ident())
        if self.is_own(code):
            self.tell_returns(code)
        told = self.kind_of(code)
        if told:
            self.at_begin(sys._getframe(1))
        if task is not None and task.mode != RUN and not task.busy and self.wants(task, code):
            self.arm(code)
        elif self.has_point(code):
            self.arm(code)
        return None if self.stepping or told else DISABLE

    def wants(self, task, code):
        return self.is_own(code) or task.mode == "library" and not code.co_filename.startswith("<")

    def on_resume(self, code, offset):
        self.on_start(code, offset)

    def on_throw(self, code, offset, error):
        self.on_start(code, offset)

    def on_line(self, code, line):
        return None if self.at_line(code, line, sys._getframe(1)) else DISABLE

    def on_return(self, code, offset, value):
        frame = sys._getframe(1)
        self.at_return(frame, value)
        self.at_leave(frame)
        return None if self.stepping or code in self.returning else DISABLE

    def on_yield(self, code, offset, value):
        self.at_leave(sys._getframe(1))
        return None if self.stepping else DISABLE

    def on_unwind(self, code, offset, error):
        self.at_leave(sys._getframe(1))

    def on_raise(self, code, offset, error):
        self.at_raise(sys._getframe(1), error)
