package load

import (
	"errors"
	"time"
)

// Plan says what to ask of a server, and how often.
type Plan struct {
	Address string      `json:"address"` // HOST:PORT
	Target  string      `json:"target"`  // the request-target
	Fields  [][2]string `json:"fields,omitempty"`
	Upload  int64       `json:"upload,omitempty"` // bytes of content, sent with POST
	Content int64       `json:"content"`          // bytes of content that each answer must have; -1: any
	Body    string      `json:"body,omitempty"`   // that content, where it is always the same and short
	Close   bool        `json:"close,omitempty"`  // a new connection for each request

	Connections int           `json:"connections"`
	Rate        float64       `json:"rate,omitempty"` // requests a second of an open loop; 0 is a closed loop
	WarmUp      time.Duration `json:"warm_up"`
	Duration    time.Duration `json:"duration"`
	Requests    int64         `json:"requests,omitempty"` // end after so many, if that comes first; 0 is no limit
	Patience    time.Duration `json:"patience"`           // for each answer

	Slow int `json:"slow,omitempty"` // connections beside these, which send a byte of a head now and then
	Idle int `json:"idle,omitempty"` // instead of all this: connections that ask once, and are then held
}

// Bounds of a plan: a slip of the finger must not hurt a machine.
const (
	MaxConnections = 20_000
	MaxDuration    = 10 * time.Minute
	maxUpload      = 4 << 30
	maxRate        = 1e6
)

// Validate refuses what no plan should ask.
func (p *Plan) Validate() error {
	switch {
	case p.Address == "" || p.Target == "":
		return errors.New("a plan needs an address and a request-target")
	case p.Connections < 0 || p.Slow < 0 || p.Idle < 0 || p.Connections+p.Slow+p.Idle > MaxConnections:
		return errors.New("there can be 0 to 20,000 connections")
	case p.Connections+p.Idle == 0:
		return errors.New("a plan needs a connection")
	case p.Duration <= 0 || p.Duration > MaxDuration || p.WarmUp < 0 || p.WarmUp > MaxDuration:
		return errors.New("a load lasts more than nothing, and at most 10 minutes")
	case p.Rate < 0 || p.Rate > maxRate:
		return errors.New("a rate is at most 1,000,000 requests a second")
	case p.Upload < 0 || p.Upload > maxUpload || p.Requests < 0 || p.Patience <= 0:
		return errors.New("upload, requests and patience must be reasonable")
	case p.Body != "" && p.Content != int64(len(p.Body)):
		return errors.New("the body of each answer has as many bytes as its content")
	}
	return nil
}

// mostBytes of an answer: the content that it must have, in chunks of a few bytes if need be, and a head. Where any content
// will do it is thrown away as it comes, and only its time is bounded.
func (p *Plan) mostBytes() int64 {
	if p.Content < 0 {
		return 0
	}
	return mostHead + chunkedFactor*p.Content
}
