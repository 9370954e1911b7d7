package inspect

import (
	"fmt"
	"io"
	"net"
	"strings"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// stepBytes is how many characters of a step's bytes or value StepsTrace shows.
const stepBytes = 72

// StepsTrace prints a line for each step: exchange, stage, name, the range of bytes, what it is, and the section of the
// specification; under the environ, a line for each variable.
func StepsTrace(w io.Writer) front.Observer {
	return func(s front.Step) {
		wire := ""
		if s.Wire.Len() > 0 {
			wire = s.Wire.String()
		}
		exchange := ""
		if s.Exchange > 0 {
			exchange = fmt.Sprintf("#%d", s.Exchange)
		}
		text := describe(s)
		if s.Spec != "" {
			text = strings.TrimSpace(text + "  [" + s.Spec + "]")
		}
		fmt.Fprintf(w, "%-4s %-8s %-22s %-11s %s\n", exchange, s.Stage, s.Name, wire, text)
		if environ, ok := s.Value.(*wsgi.Environ); ok {
			printEnviron(w, environ)
		}
	}
}

// printEnviron prints a line for each variable: its name, the bytes it came from, and its value.
func printEnviron(w io.Writer, environ *wsgi.Environ) {
	print := func(name, from, value string) {
		fmt.Fprintf(w, "%-4s %-8s   %-20s %-11s %s\n", "", "", Shorten(name, 20), from, Shorten(value, stepBytes))
	}
	for _, v := range environ.Variables {
		from := ""
		if v.Wire.Len() > 0 {
			from = v.Wire.String()
		}
		print(v.Name, from, Printable([]byte(wsgi.Latin1(v.Value))))
	}
	for _, v := range OwnVariables(environ) {
		print(v.Name, "", v.Value)
	}
}

// describe says on one line what a step is about.
func describe(s front.Step) string {
	switch value := s.Value.(type) {
	case net.Addr:
		return "from " + value.String()
	case error:
		return value.Error()
	case front.Meaning:
		return Shorten(Printable([]byte(wsgi.Latin1(string(value)))), stepBytes)
	case *wsgi.Environ:
		return count(len(value.Variables), "variable")
	case *wsgi.Head:
		return value.Status + ", " + count(len(value.Headers), "header field")
	case wsgi.Iterable:
		if n := value.Size(); n >= 0 {
			return "of " + count(int(n), "byte")
		}
		return "of unknown size"
	case *parser.Request:
		if s.Name == "message-body-length" {
			return describeFraming(value)
		}
	}
	if s.Stage == front.Send { // the lines above show them
		return count(len(s.Bytes), "byte")
	}
	return Shorten(Printable(s.Bytes), stepBytes)
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func describeFraming(r *parser.Request) string {
	switch r.Framing {
	case parser.ByLength:
		return count(int(r.ContentLength), "byte")
	case parser.ByChunks:
		return "chunked"
	}
	return "no body"
}
