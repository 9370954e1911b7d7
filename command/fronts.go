package command

import (
	"strings"

	"glasswsgi/server"
	"glasswsgi/server/fasthttpd"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway"
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
	return frontNamed(c.Model)
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
	return strings.Join(names, ",")
}

// protocols are the values of --protocol.
func protocols() string {
	names := []string{protocolHTTP}
	for _, p := range gateway.Protocols {
		names = append(names, p.Name)
	}
	return strings.Join(names, ",")
}
