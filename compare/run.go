package compare

import (
	"context"
	"fmt"
)

// Request is one to send, raw.
type Request struct {
	Name string `json:"name"` // what it is about
	Raw  []byte `json:"raw"`  // base64 in JSON
}

// Requests is the set that is sent when none is given: what applications meet every day, and what servers read
// differently.
var Requests = []Request{
	{"a plain GET", []byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")},
	{"a path in UTF-8, and a query", []byte("GET /caf%C3%A9/%2F?q=a+b&q=%E6%B1%89 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")},
	{"HEAD", []byte("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")},
	{"a body with Content-Length", []byte("POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\nConnection: close\r\n\r\na=1&b=2")},
	{"a body in chunks", []byte("POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n")},
	{"repeated fields and an empty one", []byte("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept: text/plain\r\nX-Empty:\r\nConnection: close\r\n\r\n")},
	{"a field name with an underscore", []byte("GET / HTTP/1.1\r\nHost: localhost\r\nX_Forwarded_For: 192.0.2.1\r\nConnection: close\r\n\r\n")},
	{"the absolute-form of the target", []byte("GET http://example.org/path?q=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")},
	{"HTTP/1.0", []byte("GET / HTTP/1.0\r\n\r\n")},
	{"no Host", []byte("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")},
	{"a space before a colon", []byte("GET / HTTP/1.1\r\nHost: localhost\r\nX-Space : 1\r\nConnection: close\r\n\r\n")},
	{"Content-Length and Transfer-Encoding", []byte("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n")},
}

// Side is a server to compare. Records is nil where the application does not run behind the recorder.
type Side struct {
	Name    string
	Address string
	Records *Listener
}

// Comparison is what became of one request.
type Comparison struct {
	Request     Request      `json:"request"`
	Left        *Answer      `json:"left"`
	Right       *Answer      `json:"right"`
	LeftRecord  *Record      `json:"left_record,omitempty"`
	RightRecord *Record      `json:"right_record,omitempty"`
	Differences []Difference `json:"differences"`
}

// Run sends the requests, one after the other, to both sides.
func Run(ctx context.Context, left, right Side, requests []Request) ([]Comparison, error) {
	all := make([]Comparison, 0, len(requests))
	for _, request := range requests {
		c := Comparison{Request: request, Differences: []Difference{}}
		var err error
		if c.Left, c.LeftRecord, err = left.send(ctx, request.Raw); err != nil {
			return all, err
		}
		if c.Right, c.RightRecord, err = right.send(ctx, request.Raw); err != nil {
			return all, err
		}
		recorded := left.Records != nil && right.Records != nil
		if recorded {
			c.Differences = append(c.Differences, Records(c.LeftRecord, c.RightRecord, request.Raw)...)
		}
		c.Differences = append(c.Differences, Answers(c.Left, c.Right, request.Raw)...)
		Judge(c.Differences, recorded)
		all = append(all, c)
	}
	return all, nil
}

func (s Side) send(ctx context.Context, raw []byte) (*Answer, *Record, error) {
	if s.Records != nil {
		s.Records.Next()
	}
	a, err := Send(ctx, s.Address, raw)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	a.From = s.Name
	if s.Records == nil {
		return a, nil, nil
	}
	return a, s.Records.Record(), nil
}

// Broken counts the differences by which a rule is broken.
func Broken(all []Comparison) (n int) {
	for _, c := range all {
		for _, d := range c.Differences {
			if d.Verdict == Forbidden {
				n++
			}
		}
	}
	return n
}
