package live

import (
	"slices"
	"strconv"
	"time"

	"glasswsgi/check"
	"glasswsgi/inspect/hub"
	"glasswsgi/inspect/retell"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/tutorial"
)

// mostConnections of one check are recorded, its last ones: hundreds would push all else out of the list.
const mostConnections = 8

// shown is an attempt that was recorded.
type shown struct {
	attempt *tutorial.Attempt
	at      string
}

// Show records what went over the wire in an attempt, once, and returns the fragment of the page that leads to the
// exchange to look at: the last one of the check that failed, or of all. "": there is none.
func (i *Inspector) Show(a *tutorial.Attempt) (at string) {
	i.mu.Lock()
	if done := i.attempt[a.Exercise.Name()]; done.attempt == a {
		i.mu.Unlock()
		return done.at
	}
	id, before := uint64(0), i.hub.Last()
	for _, o := range a.Outcomes {
		if last := i.record(a, o); last != 0 && !(id != 0 && a.First() != nil && o != a.First()) {
			id = last
		}
	}
	for _, o := range a.Own {
		if last := i.record(a, o); last != 0 && (id == 0 || !o.Passed) {
			id = last
		}
	}
	call, calls := i.callOf(a)
	switch {
	case id != 0:
		at = strconv.FormatUint(id, 10)
	case calls:
		at = "after-" + strconv.FormatUint(before, 10)
	}
	i.attempt[a.Exercise.Name()] = shown{a, at}
	place := i.places[a.Exercise.Name()]
	i.mu.Unlock()
	if place != nil && place.relay != nil {
		place.relay.forget() // the next request is for what is there now
	}
	i.glass.forget(a.Exercise)
	if calls {
		i.call(a.Exercise, call)
	}
	return at
}

// record puts the conversation of one check into the hub, and returns the last exchange of it.
func (i *Inspector) record(a *tutorial.Attempt, o *tutorial.Outcome) (last uint64) {
	about := hub.Outside{Server: a.Exercise.Name(), About: o.Check.What.In(i.course.Lang()), Wrong: !o.Passed}
	connections := byConnection(a.Exercise, o)
	for _, moved := range connections[max(0, len(connections)-mostConnections):] {
		if ids := i.hub.Retell(about, facts(a.Exercise), moved); len(ids) > 0 {
			last = ids[len(ids)-1]
		}
	}
	return last
}

// byConnection sorts what moved. A program that ran to its end got a part of a request on its standard input, where the
// exercise says so.
func byConnection(e *tutorial.Exercise, o *tutorial.Outcome) (all [][]retell.Moved) {
	if o.Check.Run != nil {
		if e.Request == nil {
			return nil
		}
		moved := []retell.Moved{{At: time.Now(), Bytes: []byte(*e.Request)}}
		for _, event := range o.Events {
			moved = append(moved, retell.Moved{At: time.Now(), ToPeer: event.Kind == check.Received, Bytes: event.Bytes})
		}
		return [][]retell.Moved{moved}
	}
	for _, m := range o.Moved {
		if missing := m.Connection - len(all); missing > 0 {
			all = append(all, make([][]retell.Moved, missing)...)
		}
		at := &all[m.Connection-1]
		*at = append(*at, retell.Moved{At: m.At, ToPeer: m.Kind == check.Received, Bytes: m.Bytes})
	}
	return slices.DeleteFunc(all, func(moved []retell.Moved) bool { return len(moved) == 0 })
}

// facts are what the environ has of the connection, which is not in the bytes.
func facts(e *tutorial.Exercise) *wsgi.Connection {
	return &wsgi.Connection{ServerName: "127.0.0.1", ServerPort: "0", ServerSoftware: e.Name(), RemoteAddr: "127.0.0.1", URLScheme: "http"}
}
