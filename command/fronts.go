package command

import (
	"os"
	"strings"

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

// model is what --model stands for: auto is the event loop where the system has it, and where nothing else is wanted than
// to serve a Python application by workers of one thread.
func (c *serveCommand) model() string {
	switch {
	case c.Model != modelAuto:
		return c.Model
	case !loop.Available || c.debugs() || c.Trace != "" || c.StepTimes != "" || c.Lint || c.Threads > 1 || c.Reload || c.Mount != "" ||
		c.Certfile != "" || c.ProxyProtocol || c.kind().language != "Python":
		return modelThreaded
	}
	return modelLoop
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
