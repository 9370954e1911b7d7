package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"glasswsgi/tutorial"
	"glasswsgi/tutorial/class"
	"glasswsgi/tutorial/learn"
)

// noClass leaves the class: --class off.
const noClass = "off"

// lastReport is how long the end of the course waits for the board.
const lastReport = 5 * time.Second

// membership is a learner's way into a class: what the board may know is sent after each attempt.
type membership struct {
	course *learn.Course
	client *class.Client
	name   string
}

// join takes the class that was given, or the one that the folder remembers: each terminal there is in it. Without one, it
// returns nil.
func (c *learnCommand) join(course *learn.Course) (*membership, error) {
	url, name := course.Class()
	switch {
	case c.Class == noClass:
		return nil, course.SetClass("", "")
	case c.Class != "":
		url = c.Class
	}
	if c.As != "" {
		name = c.As
	}
	if (url == "") != (name == "") {
		return nil, errors.New("--class URL and --as NAME belong together")
	}
	if url == "" {
		return nil, nil
	}
	m := &membership{course: course, name: name}
	var err error
	m.client, err = class.Join(url, course.Lang(), m.take, m.lost)
	if err == nil {
		err = course.SetClass(url, name)
	}
	if err != nil {
		return nil, err
	}
	fmt.Printf(tutorial.Say(course.Lang(), "class-joined")+"\n", name)
	return m, nil
}

func (m *membership) take(r class.Reply) { m.course.SetPace(r.Pace) }

func (m *membership) lost(err error) {
	fmt.Fprintf(os.Stderr, tutorial.Say(m.course.Lang(), "class-lost"), err)
}

// follow sends a report now, and with each event. end sends the last, which may be all there is time for.
func (m *membership) follow() (end func()) {
	if m == nil {
		return func() {}
	}
	events, stop := m.course.Listen()
	leave, left := make(chan struct{}), make(chan struct{})
	go m.client.Run()
	go func() {
		defer close(left)
		m.client.Send(m.now())
		for {
			select {
			case <-leave:
				return
			case <-events:
				m.client.Send(m.now())
			}
		}
	}()
	return func() {
		stop()
		close(leave)
		<-left
		m.client.Close(m.now())
	}
}

// report sends one and waits for the answer. The course goes on without a board that cannot be reached; what the board
// refuses is an error.
func (m *membership) report(ctx context.Context) error {
	if m == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lastReport)
	defer cancel()
	reply, err := m.client.Post(ctx, m.now())
	switch {
	case err == nil:
		m.take(reply)
	case errors.Is(err, class.ErrUnreachable):
		m.lost(err)
		return nil
	}
	return err
}

func (m *membership) now() class.Report {
	s := m.course.Standing()
	return class.Report{
		Name: m.name, Key: s.Key, Unit: s.Unit, Passed: s.Passed, Attempts: s.Attempts,
		Mistake: s.Mistake, Same: s.Same, Done: s.Done, Status: s.Status, Ballots: s.Ballots,
	}
}
