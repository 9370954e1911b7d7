package check

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"glasswsgi/check/peer"
)

// Steps and alternatives by themselves, without the rule and the keyword of a probe: a course makes exercises of them.

// CompileSteps checks steps that belong to no probe, and prepares them.
func CompileSteps(steps []*Step) error {
	expects := false
	for i, s := range steps {
		if err := s.compile(); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		expects = expects || strings.HasPrefix(s.action.name, "expect")
	}
	if !expects {
		return errors.New("no step expects anything")
	}
	return nil
}

// Talk is one run of steps.
type Talk struct {
	Events   []Event
	Moved    []Moved // the same bytes, as they were sent and came
	Received []byte  // all that the server sent, on whatever connection
	Random   string  // what stood for {random}
	Err      error   // why it failed
}

// Talk runs steps that CompileSteps has prepared.
func (t Target) Talk(ctx context.Context, steps []*Step) Talk {
	return newConversation(t.Address, t.Timeout).talk(ctx, steps)
}

// TalkTo runs steps on a server that was just started, and that has some time to come up. A *peer.LaunchError says that
// it did not.
func TalkTo(ctx context.Context, server *peer.Process, steps []*Step, timeout, starting time.Duration) Talk {
	v := newConversation(server.Address, timeout)
	v.server, v.starting = server, starting
	return v.talk(ctx, steps)
}

func (v *conversation) talk(ctx context.Context, steps []*Step) Talk {
	v.telling, v.keep = true, math.MaxInt // all of it is shown: the limit bounds what comes, and the steps what is sent
	err := v.run(ctx, &Probe{Steps: steps})
	talk := Talk{Events: v.events, Moved: v.moved, Random: v.names["random"], Err: err}
	for _, e := range v.events {
		if e.Kind == Received {
			talk.Received = append(talk.Received, e.Bytes...)
		}
	}
	return talk
}

// Random is a new value for {random}.
func Random() string { return newConversation("", 0).names["random"] }

// Expand gives the bytes that a text of a probe stands for.
func Expand(text, random string) ([]byte, error) {
	return names{"host": anyNames["host"], "random": random}.expand(text)
}

// Latin1 is the text in which code point n stands for byte n.
func Latin1(bytes []byte) string { return latin1(bytes) }

// Visible shows bytes on one line.
func Visible(bytes []byte) string { return visible(bytes) }

// Conditions hold bytes that are no response to what is said of the body of one: body, length, json.
type Conditions struct{ alternatives []*alternative }

// ParseConditions takes alternatives without a status: body "text", json PATH == VALUE.
func ParseConditions(texts []string) (*Conditions, error) {
	c := &Conditions{}
	for _, text := range texts {
		a, err := parseAlternative("xxx " + text)
		if err != nil {
			return nil, err
		}
		if len(a.conditions) == 0 {
			return nil, errors.New("a condition belongs here, such as body \"text\"")
		}
		for _, condition := range a.conditions {
			if condition.name != "body" && condition.name != "length" && condition.name != "json" {
				return nil, fmt.Errorf("%s says something of a response; there is only a body here: body, length, json", condition.name)
			}
		}
		c.alternatives = append(c.alternatives, a)
	}
	return c, nil
}

// Check finds an alternative that the bytes satisfy; the error is that of the first.
func (c *Conditions) Check(body []byte, random string) error {
	names := names{"host": anyNames["host"], "random": random}
	a := &answer{conversation: &conversation{names: names}, response: &response{status: 200, body: body}}
	var first error
	for _, alternative := range c.alternatives {
		_, err := alternative.check(a)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// Nearest is the failure that an error is about, or nil.
func Nearest(err error) *Failure {
	var f *Failure
	for errors.As(err, &f) && f.Nearest != nil {
		err = f.Nearest
	}
	return f
}
