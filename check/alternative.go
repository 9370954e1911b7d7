package check

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// alternative is one of the answers that an expect step permits:
//
//	alternative = ( "closed" / "silence" / status *( SP condition ) ) [ SP ( "done" / "unclear" SP reason ) ]
//	status      = 1*pattern *( "|" pattern )     ; 200, 4xx, 200|204
type alternative struct {
	text       string
	status     string // a pattern or several with | between them; closed or silence where no response is
	conditions []condition
	done       bool   // the steps that follow are for the other answers
	unclear    string // by this answer the probe cannot tell, and why
}

const (
	closed  = "closed"  // the connection ends, without a response
	silence = "silence" // it stays open, without a response: the server waits for more of the request
)

// noResponse says that the alternative is one in which no response comes.
func (a *alternative) noResponse() bool {
	return a.status == closed || a.status == silence
}

// answer is what came, and what the conditions look at.
type answer struct {
	*conversation
	connection *connection
	response   *response
	err        error // instead of a response
}

func parseAlternative(text string) (*alternative, error) {
	s := &scanner{text: text}
	a := &alternative{text: strings.Join(strings.Fields(text), " "), status: s.word()}
	if a.noResponse() {
		if err := a.parseEnd(s); err != nil {
			return nil, err
		}
		if s.more() {
			return nil, s.fail("only done or unclear can follow %s: there is no response to look at", a.status)
		}
		return a, nil
	}
	for pattern := range strings.SplitSeq(a.status, "|") {
		if !validPattern(pattern) {
			s.at = 0
			return nil, s.fail("a status is written 200, 4xx, 200|204; or closed or silence, where there may be no response")
		}
	}
	for s.more() {
		if a.ends() {
			return nil, s.fail("done or unclear ends an alternative")
		}
		if err := a.parseEnd(s); err != nil {
			return nil, err
		}
		if a.ends() {
			continue
		}
		c, err := s.condition()
		if err != nil {
			return nil, err
		}
		a.conditions = append(a.conditions, c)
	}
	return a, nil
}

// parseEnd takes what an alternative may end with.
func (a *alternative) parseEnd(s *scanner) (err error) {
	if a.done = s.take("done"); !a.done && s.take("unclear") {
		a.unclear, err = s.quoted()
		if err == nil && a.unclear == "" {
			err = s.fail("unclear needs a reason")
		}
	}
	return err
}

func (a *alternative) ends() bool { return a.done || a.unclear != "" }

func validPattern(p string) bool {
	return len(p) == 3 && strings.Contains("12345x", p[:1]) && strings.Trim(p[1:], "0123456789x") == ""
}

// statusMatches: an x stands for any digit.
func (a *alternative) statusMatches(status int) bool {
	code := strconv.Itoa(status)
	for pattern := range strings.SplitSeq(a.status, "|") {
		match := true
		for i := range 3 {
			match = match && (pattern[i] == 'x' || pattern[i] == code[i])
		}
		if match {
			return true
		}
	}
	return false
}

// check holds an answer to an alternative, and says how many things were right before the first that is wrong.
func (a *alternative) check(got *answer) (satisfied int, err error) {
	if got.err != nil {
		return 0, a.checkNothing(got)
	}
	r := got.response
	switch a.status {
	case closed:
		return 0, got.connection.wrongAt(r.at, say("a response came where the connection should have been closed"))
	case silence:
		return 0, got.connection.wrongAt(r.at, say("a response came where the server should have waited for the rest of the request"))
	}
	if !a.statusMatches(r.status) {
		f := got.connection.wrongAt(r.at+9, say("the status should be %s", a.status))
		return 0, f
	}
	for i, c := range a.conditions {
		if err := c.check(got); err != nil {
			return 1 + i, err
		}
	}
	if r.truncated && !a.has("truncated") {
		return 1 + len(a.conditions), &Failure{Text: say("the body is cut off: the connection ended before it")}
	}
	return 2 + len(a.conditions), nil
}

// checkNothing is the case of no response, or of one that cannot be read.
func (a *alternative) checkNothing(got *answer) error {
	if !errors.Is(got.err, errNothing) {
		if errors.Is(got.err, io.ErrUnexpectedEOF) {
			return &Failure{Text: say("the connection ended in the middle of the head of a response")}
		}
		return got.err
	}
	over := got.connection.closed()
	if a.status == closed && over || a.status == silence && !over {
		return nil
	}
	return &Failure{Text: say("no response came: %s", got.connection.ending())}
}

func (a *alternative) has(name string) bool {
	return slices.ContainsFunc(a.conditions, func(c condition) bool { return c.name == name })
}
