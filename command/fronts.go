package command

import (
	"os"
	"strings"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/fasthttpd"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
	"glasswsgi/server/loop"
)

// frontKind is a front as --model names it, or --protocol where that is not HTTP.
type frontKind struct {
	name  string
	start func(front.Config) front.Front
	blind string // who reads and writes HTTP in place of glass, so that there are no Steps to see; "": glass does
}

// fronts are all there are. Another one is a package, and a line here.
var fronts = []frontKind{
	{name: "iterative", start: func(c front.Config) front.Front { return server.NewIterative(c) }},
	{name: "threaded", start: func(c front.Config) front.Front { return server.New(c) }},
	{name: modelLoop, start: func(c front.Config) front.Front { return loop.New(c) }},
	{name: "fasthttp", start: func(c front.Config) front.Front { return fasthttpd.New(c) }, blind: "the engine fasthttp"},
}

// protocolHTTP is what the fronts of --model speak.
const protocolHTTP = "http"

// front returns the front that the flags name; their enums have looked at them.
func (c *serveCommand) front() frontKind {
	for _, p := range gateway.Protocols {
		if p.Name == c.Protocol {
			return frontKind{name: p.Name, start: func(c front.Config) front.Front { return gateway.New(c, p) }}
		}
	}
	return frontNamed(c.model())
}

// The values of --model that other flags depend on.
const (
	modelAuto     = "auto"
	modelThreaded = "threaded"
	modelLoop     = "loop"
)

// model is what --model stands for.
func (c *serveCommand) model() string {
	if c.Model != modelAuto {
		return c.Model
	}
	if loop.Available && c.needsGoroutines() == "" {
		return modelLoop
	}
	return modelThreaded
}

// needsGoroutines is what an event loop cannot do; "" where there is no such thing.
func (c *serveCommand) needsGoroutines() string {
	for _, what := range []struct {
		name  string
		wants bool
	}{
		{"--threads", c.Threads > 1}, {"--lint", c.Lint}, {"--trace", c.Trace != ""}, {"--step", c.Step}, {"--inspect", c.Inspect != ""},
		{"--dap", c.DAP != ""}, {"--step-times", c.StepTimes != ""}, {"--reload", c.Reload}, {"--mount", c.Mount != ""},
		{"--certfile", c.Certfile != ""}, {"--proxy-protocol", c.ProxyProtocol}, {"an application that is not Python's, and may wait", !c.hasLane()},
	} {
		if what.wants {
			return what.name
		}
	}
	return ""
}

// hasLane says that an event loop can take the application: Python's workers do the waiting for it, and in Go some applications
// have no need to.
func (c *serveCommand) hasLane() bool {
	name, inGo := strings.CutPrefix(c.App, "go:")
	if !inGo {
		return c.kind().language == "Python"
	}
	application, _ := native.Find(name)
	_, ok := application.(wsgi.Express)
	return ok
}

// bell is what wakes an event loop; nil where there is none.
func (c *serveCommand) bell() (*os.File, error) {
	if c.Protocol != protocolHTTP || c.model() != modelLoop {
		return nil, nil
	}
	return loop.NewBell()
}

func frontNamed(name string) frontKind {
	for _, f := range fronts {
		if f.name == name {
			return f
		}
	}
	return frontKind{}
}

// models are the values of --model.
func models() string {
	var names []string
	for _, f := range fronts {
		names = append(names, f.name)
	}
	return strings.Join(append(names, modelAuto), ",")
}

// protocols are the values of --protocol.
func protocols() string {
	names := []string{protocolHTTP}
	for _, p := range gateway.Protocols {
		names = append(names, p.Name)
	}
	return strings.Join(names, ",")
}
