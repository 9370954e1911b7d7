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
//	alternative = ( "closed" / status *( SP condition ) ) [ SP "done" ]
//	status      = 1*pattern *( "|" pattern )     ; 200, 4xx, 200|204
type alternative struct {
	text       string
	status     string // a pattern or several with | between them; "closed" where no response is
	conditions []condition
	done       bool // the steps that follow are for the other answers
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
	if a.status == "closed" {
		a.done = s.take("done")
		if s.more() {
			return nil, s.fail("only done can follow closed: there is no response to look at")
		}
		return a, nil
	}
	for pattern := range strings.SplitSeq(a.status, "|") {
		if !validPattern(pattern) {
			s.at = 0
			return nil, s.fail("a status is written 200, 4xx, 200|204; or closed, where there may be no response")
		}
	}
	for s.more() {
		if a.done {
			return nil, s.fail("done is the last word of an alternative")
		}
		if a.done = s.take("done"); a.done {
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
	if a.status == "closed" {
		return 0, got.connection.wrongAt(r.at, say("a response came where the connection should have been closed"))
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
	if a.status == "closed" && got.connection.ended() != nil {
		return nil
	}
	return &Failure{Text: say("no response came: %s", got.connection.ending())}
}

func (a *alternative) has(name string) bool {
	return slices.ContainsFunc(a.conditions, func(c condition) bool { return c.name == name })
}
