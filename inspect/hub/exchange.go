package hub

import (
	"time"

	"glasswsgi/parser"
	"glasswsgi/server/front"
)

// State is where a recorded exchange stands.
type State string

const (
	Running State = "running" // -> Stopped, Ended
	Stopped State = "stopped" // it waits for a command; Exchange.Stop says where; -> Running
	Ended   State = "ended"
)

// Exchange is what is known of one request and its response: a snapshot, which never changes. Faces may keep it, and
// write it as JSON; the names in the tags are stable.
type Exchange struct {
	// ID is the hub's number of the exchange, from 1. Number is the server's, as traces and logs show it: 0 until the
	// first byte of the request.
	ID     uint64 `json:"id"`
	Number uint64 `json:"number,omitempty"`

	Connection Connection `json:"connection"`
	Outside    *Outside   `json:"outside,omitempty"` // it is another server's, seen from outside
	By         string     `json:"by,omitempty"`      // who answered, where that was another machine
	Worker     *Worker    `json:"worker,omitempty"`  // nil before the call, and where the application is written in Go

	Began time.Time     `json:"began"`
	Took  time.Duration `json:"took_ns"` // from the first step to the latest, stops included
	Held  time.Duration `json:"held_ns"` // how much of it was spent stopped
	State State         `json:"state"`
	Stop  *Stop         `json:"stop,omitempty"` // where it is stopped

	// Partial says that a session was attached when the exchange was under way, or that a limit was reached: Steps and
	// the streams do not hold everything.
	Partial bool `json:"partial,omitempty"`

	// WithoutLines says that what the application did is not recorded (Lines, Said, Reads, Texts, the Python of steps),
	// because there were more than MostCalls calls in a second.
	WithoutLines bool `json:"without_lines,omitempty"`
	MostCalls    int  `json:"most_calls,omitempty"`

	Method  string `json:"method,omitempty"`
	Target  string `json:"target,omitempty"`
	Version string `json:"version,omitempty"` // of HTTP, as the request-line has it

	Steps    []Step     `json:"steps"`
	Request  Stream     `json:"request"`  // the bytes that were received
	Response Stream     `json:"response"` // and sent
	Environ  []Variable `json:"environ,omitempty"`
	Head     *Head      `json:"head,omitempty"` // what the application said last
	Blocks   []Block    `json:"blocks,omitempty"`
	Failure  *Failure   `json:"failure,omitempty"`
	Errors   []Written  `json:"errors,omitempty"` // what was written to wsgi.errors
	Lines    []Line     `json:"lines,omitempty"`  // of the application, at which it was stopped
	Said     []Said     `json:"said,omitempty"`   // between the layers of the application
	Reads    []Read     `json:"reads,omitempty"`  // lines that have looked the environ up
	Texts    []Held     `json:"texts,omitempty"`  // in variables of the application
	Edits    []Edit     `json:"edits,omitempty"`  // what a session changed on the way
}

// Connection is the connection that the exchange came over.
type Connection struct {
	ID       uint64 `json:"id"`
	Peer     string `json:"peer,omitempty"` // address of the client; empty where the accept was not seen
	Exchange int    `json:"exchange"`       // which of the exchanges of this connection it is, as far as the hub saw; from 1
}

// Worker is the process that ran the application.
type Worker struct {
	PID    int    `json:"pid"`
	Call   uint32 `json:"call"`   // the number of the call in that process
	Python string `json:"python"` // its version
}

// Step is one server.Step, copied.
type Step struct {
	Index int           `json:"index"`
	At    time.Duration `json:"at_ns"`             // since Exchange.Began
	Held  time.Duration `json:"held_ns,omitempty"` // stopped at it, and at lines of the application before the next one

	Sending time.Duration `json:"sending_ns,omitempty"` // of the time since the step before, what bytes took to leave

	Stage string `json:"stage"` // server.Stage
	Name  string `json:"name"`
	Spec  string `json:"spec,omitempty"`
	Depth int    `json:"depth"` // how deep it lies: 0 is the request's own way, 1 its parts, 2 what the application causes

	Side string      `json:"side,omitempty"` // "request" or "response": the stream that Wire counts in
	Wire parser.Span `json:"wire"`
	Text string      `json:"text,omitempty"` // what was derived, on one line

	Source Place  `json:"source"`           // the line of Go that made the step
	Python *Place `json:"python,omitempty"` // the line of the application that caused it
	Block  int    `json:"block,omitempty"`  // the number in Blocks, from 1, of a step that is about one
}

// Place is a line of source. File is a path, of Go relative to the module ("server/exchange.go").
type Place struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function,omitempty"`
}

// Stages are those of front.Stage, in the order of a request's life.
var Stages = []string{string(front.Accept), string(front.Receive), string(front.Parse), string(front.Environ),
	string(front.Call), string(front.Respond), string(front.Send), string(front.Close)}

// StepNames are the names that steps have, in the order in which they come for the first time. TestStepNames holds them to
// the packages that make steps.
var StepNames = []string{"accept", "proxy-header", "receive", "need-data", "request-line", "field-line", "message-body-length", "chunk-size",
	"message-body", "trailer-field", "message-end", "refused", "environ", "call", "start_response", "write()", "iterable",
	"block", "failed", "head", "status-line", "end-of-header-section", "send", "close()", "keep-alive", "close"}

// Stream is what went over the wire in one direction.
type Stream struct {
	Length int     `json:"length"` // bytes, also of what is not kept
	Cut    bool    `json:"cut,omitempty"`
	Pieces []Piece `json:"pieces"`
	// Origins say who wrote each byte of a response, in order and without gaps as far as it was kept; a request has
	// none: its tokens are the Wire of steps and variables.
	Origins []Origin `json:"origins,omitempty"`
}

// Piece is what one receive or send moved.
type Piece struct {
	At    time.Duration `json:"at_ns"`
	Start int           `json:"start"`          // of Data in the stream
	Size  int           `json:"size"`           // bytes that were moved; Data may be shorter
	Data  []byte        `json:"data,omitempty"` // base64 in JSON
}

// Author is who wrote bytes of a response.
type Author string

const (
	ByServer        Author = "server"         // status-line's version, the server's own fields, chunk-size lines, error pages
	ByStartResponse Author = "start_response" // status and header fields
	ByBlock         Author = "block"          // the iterable yielded them
	ByWrite         Author = "write()"
)

// Origin is a range of a response and who wrote it.
type Origin struct {
	Wire   parser.Span `json:"wire"`
	By     Author      `json:"by"`
	Block  int         `json:"block,omitempty"`  // the number in Blocks, from 1
	Python *Place      `json:"python,omitempty"` // the line of the application
}

// Variable is an entry of the environ and the bytes of the request that it came from.
type Variable struct {
	Name   string        `json:"name"`
	Value  string        `json:"value"`          // a native string, as text: byte n of the wire is code point n
	Type   string        `json:"type,omitempty"` // of Python, where it is not str: "bool", "tuple", "type"; or "stream"
	Wire   parser.Span   `json:"wire"`
	More   []parser.Span `json:"more,omitempty"`
	Edited bool          `json:"edited,omitempty"`
}

// isText says that the value is a str, which a session may change, as wsgi.url_scheme may not.
func (v *Variable) isText() bool { return v.Type == "" || v.Type == "str" }

// Head is the head of the response, as the application left it.
type Head struct {
	Status  string  `json:"status"`
	Headers []Field `json:"headers"`
	Length  int64   `json:"length"` // -1: not known
	Python  *Place  `json:"python,omitempty"`
}

// Field is a header field of a response.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Block is one block of the body, as the application gave it.
type Block struct {
	Number int         `json:"number"` // from 1
	By     Author      `json:"by"`
	Size   int         `json:"size"`
	Data   []byte      `json:"data,omitempty"` // may be shorter than Size
	Wire   parser.Span `json:"wire"`           // where it lies in the response; empty where it was not sent
	Python *Place      `json:"python,omitempty"`
}

// Written is what one write() gave to wsgi.errors, or to sys.stderr, which is the same stream.
type Written struct {
	At     time.Duration `json:"at_ns"`
	After  int           `json:"after"`    // as that of Said
	Since  time.Duration `json:"since_ns"` // the call, by the worker's clock
	Text   string        `json:"text"`
	Python *Place        `json:"python,omitempty"` // the line of the application
}

// Failure is why the exchange went wrong.
type Failure struct {
	Kind      string `json:"kind"` // "syntax": the peer broke HTTP; "contract": the application broke PEP 3333; "application": it raised; "runtime"
	Text      string `json:"text"`
	Rule      string `json:"rule,omitempty"`
	Spec      string `json:"spec,omitempty"`
	Offset    int    `json:"offset,omitempty"` // of the byte that broke a rule of HTTP
	Traceback string `json:"traceback,omitempty"`
}

// Edit is one thing that was changed while the exchange was stopped.
type Edit struct {
	Step   int    `json:"step"` // index of the step at which it was stopped
	What   string `json:"what"` // "environ", "status", "header" or "python"
	Name   string `json:"name,omitempty"`
	Before string `json:"before"`
	After  string `json:"after"`
	By     string `json:"by"` // the session's name
}

// Bytes puts the kept bytes of the stream together, up to the first that is not kept.
func (s Stream) Bytes() []byte {
	var all []byte
	for _, p := range s.Pieces {
		if p.Start != len(all) {
			break
		}
		all = append(all, p.Data...)
		if len(p.Data) < p.Size {
			break
		}
	}
	return all
}

// ContentSteps are the names that HTTP, FastCGI, SCGI, uwsgi and AJP have for steps that are about content.
var ContentSteps = map[string]bool{"message-body": true, "FCGI_STDIN": true, "content": true, "Data": true}

// Content is where the body of the request lies in its stream, without its transfer coding, as far as it was kept.
func (x *Exchange) Content() (spans []parser.Span) {
	kept := len(x.Request.Bytes())
	for _, step := range x.Steps {
		if step.Side == "request" && ContentSteps[step.Name] && step.Wire.End <= kept {
			spans = append(spans, step.Wire)
		}
	}
	return spans
}

// Origin tells who wrote the byte at an offset of a response.
func (s Stream) Origin(offset int) (Origin, bool) {
	for _, o := range s.Origins {
		if o.Wire.Start <= offset && offset < o.Wire.End {
			return o, true
		}
	}
	return Origin{}, false
}
