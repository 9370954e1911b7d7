package hub

import (
	"path"
	"regexp"
	"runtime"
	"strings"

	"glasswsgi/server/front"
)

// Where a step is made is known by its name: a front has one line for each method of its watch, and for interim heads one
// besides. So it is looked up once. To walk the stack at each step would cost more than all else that is done about it.

// stepName is what a step is, whichever the exchange.
type stepName struct {
	stage   front.Stage
	name    string
	interim bool // of a head that is not the final one
}

// kindOf is what a step is. The caller holds the lock.
func (h *Hub) kindOf(c *connection, s front.Step) *kindOfStep {
	if s.Name == "status-line" {
		c.interim = isInterim(s.Bytes)
	}
	of := stepName{s.Stage, s.Name, s.Stage == front.Respond && c.interim}
	kind := h.kinds[of]
	if kind != nil && kind.spec == s.Spec {
		return kind
	}
	if kind == nil {
		h.kinds[of] = &kindOfStep{of, s.Spec, caller()}
		return h.kinds[of]
	}
	return &kindOfStep{of, s.Spec, kind.source} // a request may be refused by more than one rule
}

// mostCallers bounds how far up the line is looked for that tells a step.
const mostCallers = 12

// caller is that line: the one that calls a method of a watch.
func caller() Place {
	var counters [mostCallers]uintptr
	return placeOf(counters[:runtime.Callers(3, counters[:])])
}

func placeOf(counters []uintptr) Place {
	frames := runtime.CallersFrames(counters)
	for {
		frame, more := frames.Next()
		dir, function := packageOf(frame.Function)
		if madeIn[dir] {
			return Place{File: dir + "/" + path.Base(frame.File), Line: frame.Line, Function: inlined.ReplaceAllString(function, "")}
		}
		if !more {
			return Place{}
		}
	}
}

// inlined is what Go adds to the name of a function for the body of a loop, or a closure, in it.
var inlined = regexp.MustCompile(`(-range\d+|\.func\d+)+$`)

// madeIn are the packages whose code makes steps, by calling a method of a watch.
var madeIn = map[string]bool{"server": true, "server/gateway": true, "runtime/wsgi": true}

// packageOf splits the full name of a function of this module into its package's folder and its name there.
func packageOf(function string) (dir, name string) {
	function = strings.TrimPrefix(function, "glasswsgi/")
	slash := strings.LastIndex(function, "/") + 1
	dir, name, _ = strings.Cut(function[slash:], ".")
	return function[:slash] + dir, name
}
