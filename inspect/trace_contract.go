package inspect

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// contractText is how many characters of what is said ContractTrace shows.
const contractText = 58

// ContractTrace prints the conversation of PEP 3333, a line for each thing that is said, with the time since the call, and
// the heading of the rule: "->" is what the server says to the application, "<-" what that says to the server.
func ContractTrace(w io.Writer) front.Observer {
	called := map[uint64]time.Time{} // by connection: one exchange at a time
	return func(s front.Step) {
		switch {
		case s.Stage == front.Parse && s.Name == "request-line":
			if request, ok := s.Value.(*parser.Request); ok {
				fmt.Fprintf(w, "#%d %s %s\n", s.Exchange, request.Text(request.Method), Shorten(Printable([]byte(request.Text(request.Target))), contractText))
			}
		case s.Stage == front.Close:
			delete(called, s.Connection)
		case s.Stage == front.Call:
			if s.Name == "call" {
				called[s.Connection] = time.Now()
			}
			sayContract(w, s, time.Since(called[s.Connection]))
		}
	}
}

func sayContract(w io.Writer, s front.Step, at time.Duration) {
	arrow, text, more := contractLine(s)
	fmt.Fprintf(w, "#%d  server %s application  %-*s +%-9v %s\n", s.Exchange, arrow, contractText, Shorten(text, contractText), at.Round(time.Microsecond), s.Spec)
	for line := range strings.Lines(more) {
		fmt.Fprintf(w, "#%d      %s\n", s.Exchange, strings.TrimRight(line, "\n"))
	}
}

// contractLine says one step of the call: who speaks, what, and what belongs to it, such as a traceback.
func contractLine(s front.Step) (arrow, text, more string) {
	switch s.Name {
	case "call":
		return "->", "application(environ, start_response)", ""
	case "close()":
		return "->", "close()", ""
	case "failed":
		return "<-", "raises", why(s.Value)
	case "start_response":
		if head, ok := s.Value.(*wsgi.Head); ok {
			return "<-", fmt.Sprintf("start_response(%q, %s)", wsgi.Latin1(head.Status), count(len(head.Headers), "header field")), ""
		}
		return "<-", "start_response(...)", why(s.Value)
	case "iterable":
		return "<-", "returns an iterable " + describe(s), ""
	case "write()":
		return "<-", fmt.Sprintf("write(%s)  %s", count(len(s.Bytes), "byte"), Printable(s.Bytes)), ""
	}
	return "<-", fmt.Sprintf("yields %s  %s", count(len(s.Bytes), "byte"), Printable(s.Bytes)), ""
}

// why is what an application broke, or raised: the rule with its heading, or the traceback.
func why(value any) string {
	err, ok := value.(error)
	if !ok {
		return ""
	}
	var contract *wsgi.ContractError
	var application *wsgi.ApplicationError
	switch {
	case errors.As(err, &contract):
		return fmt.Sprintf("! %s (PEP 3333 %q): %s", contract.Rule, contract.Section, contract.Detail)
	case errors.As(err, &application):
		return "! " + application.Exception + "\n" + application.Traceback
	}
	return "! " + err.Error()
}
