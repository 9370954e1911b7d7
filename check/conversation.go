package check

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"glasswsgi/check/client"
	"glasswsgi/check/peer"
)

// conversation is one run of a probe.
type conversation struct {
	address     string
	timeout     time.Duration // for each answer
	limits      client.Limits // of what the server sends on each connection
	keep        int           // bytes of each event
	server      *peer.Process // if it may still be starting
	starting    time.Duration // how long it may
	names       names
	connections map[string]*connection
	last        *connection // on which an answer was read
	receiving   sync.WaitGroup

	mu      sync.Mutex
	events  []Event
	telling bool // keep moved
	moved   []Moved
	opened  int // connections so far
}

// Moved is what one write or one read moved.
type Moved struct {
	Connection int // from 1, in the order in which they were opened
	At         time.Time
	Kind       EventKind // Sent or Received
	Bytes      []byte
}

// Event is something that happened on a connection, in the order in which the probe saw it.
type Event struct {
	On    string // the connection's name, empty for the first
	Kind  EventKind
	Bytes []byte
	More  int // bytes that are not kept
	Note  Phrase
}

// connected is what an Event notes of a connection that a step opens.
const connected = "connected"

// Opened says whether the event is a connection that a step opened.
func (e Event) Opened() bool { return e.Kind == Note && e.Note.Format == connected }

// EventKind says what an Event holds.
type EventKind uint8

const (
	Sent EventKind = iota
	Received
	Note
)

func newConversation(address string, timeout time.Duration) *conversation {
	return &conversation{
		address: address, timeout: timeout, keep: mostKept,
		limits:      client.Limits{Bytes: mostBytes},
		names:       names{"host": address, "random": strings.ToLower(rand.Text()[:12])},
		connections: map[string]*connection{},
	}
}

// run does the steps of a probe up to the first that fails.
func (v *conversation) run(ctx context.Context, p *Probe) error {
	defer v.hangUp()
	for i, s := range p.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		for range max(s.Times, 1) {
			err := v.step(s)
			switch {
			case errors.Is(err, errDone):
				return nil
			case err != nil:
				return fmt.Errorf("step %d, %s: %w", i+1, s.action.name, err)
			}
		}
	}
	return nil
}

// step does one step on its connection, which the first step on it opens. The action connect replaces it; the one
// before is closed first, since a server may serve only one at a time.
func (v *conversation) step(s *Step) error {
	if s.Pause != 0 {
		return s.action.run(s, v, nil)
	}
	c := v.connections[s.On]
	if c != nil && s.Connect {
		c.socket.Close()
		c = nil
	}
	if c == nil {
		var err error
		if c, err = v.connect(s.On); err != nil {
			return err
		}
		if s.Connect || s.On != "" {
			v.note(s.On, say(connected))
		}
		v.connections[s.On] = c
	}
	if s.Connect {
		return nil
	}
	return s.action.run(s, v, c)
}

// hangUp closes what is open, and waits until nothing is received any more.
func (v *conversation) hangUp() {
	for _, c := range v.connections {
		c.socket.Close()
	}
	v.receiving.Wait()
}

// saw records bytes. Those that follow others of their kind belong to the same event.
func (v *conversation) saw(c *connection, kind EventKind, text []byte) {
	if len(text) == 0 {
		return
	}
	on := c.name
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.telling {
		v.moved = append(v.moved, Moved{c.number, time.Now(), kind, bytes.Clone(text)})
	}
	if n := len(v.events); n == 0 || v.events[n-1].On != on || v.events[n-1].Kind != kind {
		v.events = append(v.events, Event{On: on, Kind: kind})
	}
	e := &v.events[len(v.events)-1]
	kept := text[:min(len(text), v.keep-len(e.Bytes))]
	e.Bytes = append(e.Bytes, kept...)
	e.More += len(text) - len(kept)
}

func (v *conversation) note(on string, text Phrase) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.events = append(v.events, Event{On: on, Kind: Note, Note: text})
}
