package front

import (
	"time"

	"glasswsgi/parser"
)

// Stage is where a request is in its life; the stages follow each other in this order.
type Stage string

const (
	Accept  Stage = "accept"  // a connection begins
	Receive Stage = "receive" // bytes arrive
	Parse   Stage = "parse"   // bytes become tokens
	Environ Stage = "environ" // tokens become the environ
	Call    Stage = "call"    // the application runs
	Respond Stage = "respond" // what it said becomes bytes
	Send    Stage = "send"    // bytes leave
	Close   Stage = "close"   // the connection is kept or closed
)

// Step is one thing that happened to a request.
type Step struct {
	Connection uint64 // counts the accepted connections, from 1
	Exchange   uint64 // counts the requests of this server, from 1; 0 while there is none
	Stage      Stage
	Name       string // the field's own term: "request-line", "start_response"
	Spec       string // where the rule stands: "RFC 9112 §3", `PEP 3333 "environ Variables"`

	// Wire is the range of bytes that the step is about: of the request in Receive and Parse, of the response in
	// Respond and Send. Bytes are those bytes; they are valid during the observer's call only.
	Wire  parser.Span
	Bytes []byte

	// Sending is how long bytes have been on their way into the socket since the step before. A step "send" is made before
	// its bytes leave, and what follows it may be the application's next block: this tells how much of the time between
	// was whose.
	Sending time.Duration

	// Value is what was derived: a *parser.Request, a *wsgi.Environ, a *wsgi.Head, an error, or nil. An observer may
	// change the Environ of the step "environ", which is the one that the application gets, and the Head of the step
	// "head", which is the one that is sent.
	Value any
}

// Meaning is the Value of a step about bytes that do not say themselves what they mean.
type Meaning string

// Observer sees each step before the next one begins, on the goroutine that serves the request, and may block it.
type Observer func(Step)
