package command

import (
	"strings"

	"glasswsgi/server"
	"glasswsgi/server/fasthttpd"
	"glasswsgi/server/front"
)

// frontKind is a front as --model names it.
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

// frontNamed returns the front of a --model, which the flag's enum has looked at.
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
