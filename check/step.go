package check

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Step is one line of a probe. Exactly one action is set; the options belong to some of them.
type Step struct {
	Send          *string  `toml:"send"`
	Pause         duration `toml:"pause"`
	HalfClose     bool     `toml:"half_close"`
	Close         bool     `toml:"close"`
	Reset         bool     `toml:"reset"`
	Connect       bool     `toml:"connect"`
	Expect        []string `toml:"expect"`
	ExpectPart    *string  `toml:"expect_part"`
	ExpectRaw     *string  `toml:"expect_raw"`
	ExpectEnd     bool     `toml:"expect_end"`
	ExpectSilence duration `toml:"expect_silence"`

	On     string `toml:"on"`     // the connection, where a probe has several
	Times  int    `toml:"times"`  // so often, one after the other
	Pieces int    `toml:"pieces"` // send: so many bytes at a time
	Cut    []int  `toml:"cut"`    // send: in parts that end after so many bytes
	More   bool   `toml:"more"`   // expect_part: whatever comes after it

	action       *action
	alternatives []*alternative
}

// action is what a step does.
type action struct {
	name  string
	given func(*Step) bool
	run   func(*Step, *conversation, *connection) error
}

// actions are all that a step can do. docs/CHECK.md describes them.
var actions = []*action{
	{"send", func(s *Step) bool { return s.Send != nil }, (*Step).runSend},
	{"pause", func(s *Step) bool { return s.Pause != 0 }, (*Step).runPause},
	{"half_close", func(s *Step) bool { return s.HalfClose }, (*Step).runHalfClose},
	{"close", func(s *Step) bool { return s.Close }, (*Step).runClose},
	{"reset", func(s *Step) bool { return s.Reset }, (*Step).runReset},
	{"connect", func(s *Step) bool { return s.Connect }, nil}, // see conversation.step
	{"expect", func(s *Step) bool { return s.Expect != nil }, (*Step).runExpect},
	{"expect_part", func(s *Step) bool { return s.ExpectPart != nil }, (*Step).runExpectPart},
	{"expect_raw", func(s *Step) bool { return s.ExpectRaw != nil }, (*Step).runExpectRaw},
	{"expect_end", func(s *Step) bool { return s.ExpectEnd }, (*Step).runExpectEnd},
	{"expect_silence", func(s *Step) bool { return s.ExpectSilence != 0 }, (*Step).runExpectSilence},
}

// compile finds the action of a step and checks what belongs to it.
func (s *Step) compile() error {
	for _, a := range actions {
		switch {
		case !a.given(s):
		case s.action != nil:
			return fmt.Errorf("%s and %s are two steps", s.action.name, a.name)
		default:
			s.action = a
		}
	}
	if s.action == nil {
		return errors.New("a step without an action")
	}
	if s.Send == nil && (s.Pieces != 0 || s.Cut != nil) {
		return errors.New("pieces and cut belong to send")
	}
	if s.ExpectPart == nil && s.More {
		return errors.New("more belongs to expect_part")
	}
	for _, text := range []*string{s.Send, s.ExpectPart} {
		if text != nil {
			if _, err := anyNames.expand(*text); err != nil {
				return err
			}
		}
	}
	if s.ExpectRaw != nil {
		if _, err := newRaw(*s.ExpectRaw, anyNames); err != nil {
			return err
		}
	}
	return s.compileExpect()
}

func (s *Step) compileExpect() error {
	if s.Expect != nil && len(s.Expect) == 0 {
		return errors.New("expect needs at least one alternative")
	}
	for _, text := range s.Expect {
		a, err := parseAlternative(text)
		if err != nil {
			return err
		}
		s.alternatives = append(s.alternatives, a)
	}
	return nil
}

// parts divides what is sent.
func (s *Step) parts(text []byte) (parts [][]byte) {
	if s.Pieces > 0 {
		return slices.Collect(slices.Chunk(text, s.Pieces))
	}
	from := 0
	for _, to := range s.Cut {
		if from < to && to < len(text) {
			parts, from = append(parts, text[from:to]), to
		}
	}
	return append(parts, text[from:])
}

// The server receives each part by itself, most of the time: of many equal pieces nearly all, and one at a few chosen places
// even where the machine is busy.
const (
	betweenPieces = 500 * time.Microsecond
	betweenCuts   = 20 * time.Millisecond
)

func (s *Step) runSend(v *conversation, c *connection) error {
	text, err := v.names.expand(*s.Send)
	if err != nil {
		return err
	}
	between := betweenCuts
	if s.Pieces > 0 {
		between = betweenPieces
	}
	for i, part := range s.parts(text) {
		if i > 0 {
			time.Sleep(between)
		}
		if !c.send(part) {
			break // the server closed: whether it was right to is for the next expectation to say
		}
	}
	return nil
}

func (s *Step) runPause(v *conversation, _ *connection) error {
	v.note("", say("a pause of %s", time.Duration(s.Pause)))
	time.Sleep(time.Duration(s.Pause))
	return nil
}

func (s *Step) runHalfClose(_ *conversation, c *connection) error { c.halfClose(); return nil }
func (s *Step) runClose(_ *conversation, c *connection) error     { c.close(); return nil }
func (s *Step) runReset(_ *conversation, c *connection) error     { c.reset(); return nil }

// permitted lists the alternatives, each on one line.
func (s *Step) permitted(separator string) string {
	var texts []string
	for _, a := range s.alternatives {
		texts = append(texts, a.text)
	}
	return strings.Join(texts, separator)
}

// either is the same in a sentence, without those by which the probe cannot tell.
func (s *Step) either() (p Phrase) {
	for _, a := range s.alternatives {
		switch {
		case a.unclear != "":
		case p.Format == "":
			p = Phrase{"%s", []any{a.text}}
		default:
			p = say("%s, or %s", p, a.text)
		}
	}
	return p
}

// errDone ends a probe that has passed before its last step.
var errDone = errors.New("done")

// runExpect reads one response and finds an alternative that it satisfies: the alternatives are tried in their order.
func (s *Step) runExpect(v *conversation, c *connection) error {
	got := s.read(v, c)
	var nearest error
	best := -1
	for _, a := range s.alternatives {
		satisfied, err := a.check(got)
		switch {
		case err == nil && a.done:
			return errDone
		case err == nil && a.unclear != "":
			return &Unclear{a.unclear}
		case err == nil:
			return nil
		}
		if satisfied > best {
			nearest, best = err, satisfied
		}
	}
	if len(s.alternatives) > 1 {
		return &Failure{Text: say("none of the answers that are permitted came: %s", s.either()), Nearest: nearest}
	}
	return nearest
}

// silenceTime is how long nothing comes from a server that waits for the rest of a request.
const silenceTime = 2 * time.Second

// read reads what the alternatives are about.
func (s *Step) read(v *conversation, c *connection) *answer {
	any := func(holds func(*alternative) bool) bool { return slices.ContainsFunc(s.alternatives, holds) }
	if any(func(a *alternative) bool { return a.status == silence }) &&
		!c.await(min(silenceTime, v.timeout), func() bool { return len(c.data) > c.read || c.end != nil }) {
		return &answer{conversation: v, connection: c, err: errNothing}
	}
	interim := any(func(a *alternative) bool { return strings.HasPrefix(a.status, "1") })
	response, err := c.readResponse(interim)
	return &answer{conversation: v, connection: c, response: response, err: err}
}

// settleTime is for the bytes that come right after those that were waited for, such as the CR LF that ends a chunk.
const settleTime = 50 * time.Millisecond

// runExpectPart waits for bytes with which what has come ends, but for the CR LF of a chunk.
func (s *Step) runExpectPart(v *conversation, c *connection) error {
	part, err := v.names.expand(*s.ExpectPart)
	if err != nil {
		return err
	}
	at := -1
	c.begin()
	c.wait(func() bool {
		at = bytes.Index(c.data[c.read:], part)
		return at >= 0 || c.end != nil
	})
	if at < 0 {
		return &Failure{Text: say("%q did not arrive: %s", latin1(part), c.ending())}
	}
	c.await(settleTime, func() bool { return false })
	end := c.read + at + len(part)
	c.seen = len(c.received())
	if !s.More && len(bytes.TrimLeft(c.received()[end:], "\r\n")) > 0 {
		return c.wrongAt(end, say("more came than what was waited for"))
	}
	return nil
}

func (s *Step) runExpectRaw(v *conversation, c *connection) error {
	r, err := newRaw(*s.ExpectRaw, v.names)
	if err != nil {
		return err
	}
	return r.read(c)
}

func (s *Step) runExpectEnd(_ *conversation, c *connection) error { return c.expectEnd() }

func (s *Step) runExpectSilence(v *conversation, c *connection) error {
	wait := time.Duration(s.ExpectSilence)
	v.note(c.name, say("waiting %s for nothing to come", wait))
	c.await(wait, func() bool { return len(c.data) > c.seen || c.end != nil })
	switch {
	case len(c.received()) > c.seen:
		return c.wrongAt(c.seen, say("bytes came within %s in which none should", wait))
	case c.closed():
		return &Failure{Text: say("the server closed the connection, which should have stayed open")}
	}
	return nil
}

func (s *Step) duration() time.Duration { return time.Duration(max(s.Pause, s.ExpectSilence)) }
