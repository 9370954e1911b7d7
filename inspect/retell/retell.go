// Package retell makes the Steps of a server of which only the bytes are known, such as a learner's. In go the bytes that
// went over a connection, out come the Steps that glass would have made of them.
package retell

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"slices"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// Moved is some bytes that went over a connection, as a recorder beside it saw them.
type Moved struct {
	At     time.Time
	ToPeer bool // it is a part of a response
	Bytes  []byte
}

// Retell makes the Steps of a connection of another server, of which only the bytes are known. What is derived is what
// this server derives from the same bytes: tokens, the environ, or a refusal. What the other server did inside is not
// known, so there is no step of the stage call.
func Retell(moved []Moved, facts *wsgi.Connection, tell func(time.Time, front.Step)) {
	requests, responses := streams(moved)
	starts, methods := requestStarts(requests)
	answers := responseStarts(responses, methods)
	for i, start := range starts {
		x := &retelling{facts: facts, tell: tell, parser: parser.New(parser.DefaultLimits)}
		end, answered := len(requests), len(responses)
		if i+1 < len(starts) {
			end, answered = starts[i+1], answers[i+1]
		}
		parts := slices.Concat(clip(moved, false, start, end), clip(moved, true, answers[i], answered))
		slices.SortStableFunc(parts, func(a, b Moved) int { return a.At.Compare(b.At) })
		x.exchange(parts, i == 0, i+1 == len(starts))
	}
}

// streams puts together what went each way.
func streams(moved []Moved) (requests, responses []byte) {
	for _, m := range moved {
		if m.ToPeer {
			responses = append(responses, m.Bytes...)
		} else {
			requests = append(requests, m.Bytes...)
		}
	}
	return requests, responses
}

// requestStarts are the offsets at which requests begin, and their methods. After one that is refused there is no other.
func requestStarts(stream []byte) (starts []int, methods []string) {
	p := parser.New(parser.DefaultLimits)
	p.Feed(stream)
	at, method := 0, ""
	for {
		event, err := p.Next()
		switch {
		case err == nil && event.Kind == parser.GotRequestLine:
			method = p.Request().Text(p.Request().Method)
		case err == nil && event.Kind == parser.GotEnd:
			starts, methods = append(starts, at), append(methods, method)
			if at = len(stream) - p.Buffered(); at == len(stream) {
				return starts, methods
			}
			p.NextRequest()
			method = ""
		case err != nil || event.Kind == parser.NeedData:
			return append(starts, at), append(methods, method)
		}
	}
}

// responseStarts are the offsets at which the responses to requests begin. One that cannot be read takes all that is left.
func responseStarts(stream []byte, methods []string) (starts []int) {
	rest := bytes.NewReader(stream)
	in := bufio.NewReader(rest)
	for _, method := range methods {
		starts = append(starts, len(stream)-rest.Len()-in.Buffered())
		for status := 100; status < http.StatusOK && status != http.StatusSwitchingProtocols; {
			response, err := http.ReadResponse(in, &http.Request{Method: method})
			if err == nil {
				_, err = io.Copy(io.Discard, response.Body)
			}
			if err != nil {
				io.Copy(io.Discard, in)
				break
			}
			status = response.StatusCode
		}
	}
	return starts
}

// clip takes the parts of one direction that lie between two offsets of it.
func clip(moved []Moved, toPeer bool, start, end int) (parts []Moved) {
	at := 0
	for _, m := range moved {
		if m.ToPeer != toPeer {
			continue
		}
		from, to := max(start-at, 0), min(end-at, len(m.Bytes))
		if from < to {
			parts = append(parts, Moved{m.At, m.ToPeer, m.Bytes[from:to]})
		}
		at += len(m.Bytes)
	}
	return parts
}

// retelling is one exchange that is told again.
type retelling struct {
	facts  *wsgi.Connection
	tell   func(time.Time, front.Step)
	parser *parser.Parser

	received, sent int
	response       []byte // as far as its head is not complete
	headTold       bool
}

func (x *retelling) exchange(parts []Moved, first, last bool) {
	var at time.Time
	for i, part := range parts {
		at = part.At
		if i == 0 && first {
			x.tell(at, front.Step{Stage: front.Accept, Name: "accept", Spec: "RFC 9112 §9"})
		}
		if part.ToPeer {
			x.sends(at, part.Bytes)
		} else {
			x.receives(at, part.Bytes)
		}
	}
	if len(parts) > 0 {
		x.tell(at, front.EndStep(!last))
	}
}

// receives shows what this server's parser makes of bytes of the request.
func (x *retelling) receives(at time.Time, data []byte) {
	x.tell(at, front.ReceiveStep(x.received, data))
	x.received += len(data)
	x.parser.Feed(data)
	for {
		event, err := x.parser.Next()
		if err != nil {
			x.tell(at, front.RefusalStep(err))
			return
		}
		x.tell(at, front.ParseStep(event, x.parser.Request()))
		switch event.Kind {
		case parser.GotHead:
			x.tell(at, front.EnvironStep(wsgi.NewEnviron(x.parser.Request(), x.facts)))
		case parser.NeedData, parser.GotEnd:
			return
		}
	}
}

var emptyLine = []byte("\r\n\r\n")

// sends shows the lines of the head as soon as it is complete, and the bytes as they came.
func (x *retelling) sends(at time.Time, data []byte) {
	if !x.headTold {
		x.response = append(x.response, data...)
		if i := bytes.Index(x.response, emptyLine); i >= 0 && bytes.HasPrefix(x.response, []byte("HTTP/")) {
			x.headTold = true
			front.HeadSteps(0, x.response[:i+len(emptyLine)], func(s front.Step) { x.tell(at, s) })
		}
	}
	x.tell(at, front.SendStep(x.sent, data))
	x.sent += len(data)
}
