package check

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"
)

// condition is one thing that an answer must satisfy.
type condition struct {
	name  string
	check func(*answer) error
}

// conditions are all that there are, by the word that they begin with. docs/CHECK.md describes them. The function takes
// the rest of the condition from the scanner.
var conditions map[string]func(*scanner) (func(*answer) error, error)

func init() { // here, because parsing a condition looks into this table
	conditions = map[string]func(*scanner) (func(*answer) error, error){
		"close":       simple((*answer).checkClose),
		"open":        simple((*answer).checkOpen),
		"date":        simple((*answer).checkDate),
		"grammar":     simple((*answer).checkGrammar),
		"truncated":   simple((*answer).checkTruncated),
		"body":        parseBody,
		"length":      parseLength,
		"field":       parseField,
		"lines":       parseLines,
		"no":          parseNo,
		"status-line": parseStatusLine,
		"json":        parseJSON,
	}
}

func (s *scanner) condition() (c condition, err error) {
	start := s.at
	name := s.word()
	parse, known := conditions[name]
	if !known {
		s.at = start
		s.more()
		return c, s.fail("there is no condition %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(conditions)), ", "))
	}
	c.name = name
	c.check, err = parse(s)
	return c, err
}

func simple(check func(*answer) error) func(*scanner) (func(*answer) error, error) {
	return func(*scanner) (func(*answer) error, error) { return check, nil }
}

// checkClose: the connection ends after this response.
func (a *answer) checkClose() error {
	return a.connection.expectEnd()
}

// checkOpen: another request on the connection is answered.
func (a *answer) checkOpen() error {
	c := a.connection
	c.await(settleTime, func() bool { return len(c.data) > c.read || c.end != nil })
	switch {
	case len(c.received()) > c.read:
		return c.wrongAt(c.read, say("there are bytes after the response"))
	case c.closed():
		return &Failure{Text: say("the connection should have stayed open: %s", c.ending())}
	}
	c.send([]byte("GET / HTTP/1.1\r\nHost: " + a.address + "\r\n\r\n"))
	c.answered = len(c.sent)
	if _, err := c.readResponse(false); err != nil {
		return &Failure{Text: say("the connection should have stayed open, and another request on it was not answered"), Nearest: a.explain(err)}
	}
	return nil
}

// checkDate implements RFC 9110 §5.6.7: IMF-fixdate, in one Date field.
func (a *answer) checkDate() error {
	date := a.response.combined("Date")
	parsed, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", date)
	switch {
	case date == "":
		return a.wrongField("", say("there is no %s field", "Date"))
	case err != nil, parsed.Format("Mon, 02 Jan 2006 15:04:05 GMT") != date:
		return a.wrongField("Date", say("this is no IMF-fixdate, such as Sun, 06 Nov 1994 08:49:37 GMT"))
	case time.Since(parsed).Abs() > time.Minute:
		return a.wrongField("Date", say("this date is not now"))
	}
	return nil
}

func (a *answer) checkTruncated() error {
	if !a.response.truncated {
		return &Failure{Text: say("the body looks complete, and it should be cut off so that the client can see it")}
	}
	return nil
}

// text is what a part of an answer is compared with: all of it, or a regular expression that must be found in it.
type text struct{ whole, expression string }

// parseText: "a text", or ~/a regular expression/.
func parseText(s *scanner) (t text, err error) {
	if s.take("~") {
		t.expression, err = s.pattern()
		return t, err
	}
	t.whole, err = s.quoted()
	return t, err
}

// check compares, and shows the first byte that is wrong.
func (t text) check(n names, what Phrase, got []byte) error {
	if t.expression != "" {
		pattern, err := n.pattern(t.expression)
		if err == nil && !pattern.MatchString(latin1(got)) {
			return &Failure{Text: say("%s does not match /%s/", what, t.expression), Got: got}
		}
		return err
	}
	want, err := n.expand(t.whole)
	if err != nil || bytes.Equal(got, want) {
		return err
	}
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	return &Failure{Text: say("%s is not what it should be", what), Got: got, At: at, Want: want}
}

func parseBody(s *scanner) (func(*answer) error, error) {
	t, err := parseText(s)
	return func(a *answer) error { return t.check(a.names, say("the body"), a.response.body) }, err
}

func parseStatusLine(s *scanner) (func(*answer) error, error) {
	t, err := parseText(s)
	return func(a *answer) error { return t.check(a.names, say("the status-line"), []byte(a.response.statusLine)) }, err
}

func parseLength(s *scanner) (func(*answer) error, error) {
	n, err := s.number()
	return func(a *answer) error {
		if got := len(a.response.body); got != n {
			return &Failure{Text: say("the body has %d bytes, and should have %d", got, n)}
		}
		return nil
	}, err
}

// parseField: field Name, field Name "value", field Name ~/pattern/.
func parseField(s *scanner) (func(*answer) error, error) {
	name, err := fieldName(s)
	if err != nil {
		return nil, err
	}
	var t *text
	if s.next(`"`) || s.next("~") {
		parsed, err := parseText(s)
		if err != nil {
			return nil, err
		}
		t = &parsed
	}
	return func(a *answer) error {
		if len(a.response.lines(name)) == 0 {
			return a.wrongField("", say("there is no %s field", name))
		}
		if t == nil {
			return nil
		}
		return t.check(a.names, say("the value of %s", name), []byte(a.response.combined(name)))
	}, nil
}

func fieldName(s *scanner) (string, error) {
	start := s.at
	name := s.word()
	if name == "" || wrongToken(name) >= 0 {
		s.at = start
		s.more()
		return "", s.fail("a field name belongs here")
	}
	return name, nil
}

// parseLines: lines Name 2, so many field lines have the name.
func parseLines(s *scanner) (func(*answer) error, error) {
	name, err := fieldName(s)
	if err != nil {
		return nil, err
	}
	n, err := s.number()
	return func(a *answer) error {
		if got := len(a.response.lines(name)); got != n {
			return a.wrongField(name, say("there are %d field lines %s, and should be %d", got, name, n))
		}
		return nil
	}, err
}

// parseNo: no field Name, no interim.
func parseNo(s *scanner) (func(*answer) error, error) {
	switch {
	case s.take("interim"):
		return func(a *answer) error {
			if before := a.response.interim; len(before) > 0 {
				return a.connection.wrongAt(before[0].at+9, say("an interim response came that nobody asked for"))
			}
			return nil
		}, nil
	case s.take("field"):
		name, err := fieldName(s)
		return func(a *answer) error {
			if len(a.response.lines(name)) > 0 {
				return a.wrongField(name, say("there should be no %s field", name))
			}
			return nil
		}, err
	}
	return nil, s.fail("after no comes field NAME, or interim")
}

// wrongField shows the line of a field, if there is one.
func (a *answer) wrongField(name string, what Phrase) error {
	head := a.response.head
	for line := range bytes.Lines(head) {
		if found, _, _ := bytes.Cut(line, []byte(":")); name != "" && strings.EqualFold(string(bytes.TrimSpace(found)), name) {
			return &Failure{Text: what, Got: line, At: min(len(found)+1, len(line)-1)}
		}
	}
	return &Failure{Text: what}
}

// explain makes a failure of what readResponse returns.
func (a *answer) explain(err error) error {
	return (&alternative{status: "xxx"}).checkNothing(&answer{conversation: a.conversation, connection: a.connection, err: err})
}
