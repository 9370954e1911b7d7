package load

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// Event is a line that the generator prints: when the measuring begins, and what came of it.
type Event struct {
	Begun  bool    `json:"begun,omitempty"`  // the warm-up is over; or all idle connections are open
	Result *Result `json:"result,omitempty"` // the end
}

// Main is the generator's process: a Plan comes in, Events go out. Idle connections are held until the input ends.
func Main(ctx context.Context, in io.Reader, out io.Writer) error {
	var p Plan
	decoder := json.NewDecoder(in)
	if err := decoder.Decode(&p); err != nil {
		return fmt.Errorf("the load generator's plan: %w", err)
	}
	if err := p.Validate(); err != nil {
		return fmt.Errorf("the load generator's plan: %w", err)
	}
	events := json.NewEncoder(out)
	begin := func() { events.Encode(Event{Begun: true}) }
	note := fitDescriptors(&p, raiseDescriptors())
	var r Result
	if p.Idle > 0 {
		r = hold(ctx, &p, begin, func() { io.Copy(io.Discard, in) })
	} else {
		r = run(ctx, &p, begin)
	}
	r.Note += note
	return events.Encode(Event{Result: &r})
}

// spareDescriptors are for the process itself.
const spareDescriptors = 64

// fitDescriptors lowers the number of connections to what the system lets this process have, and says so.
func fitDescriptors(p *Plan, limit int) (note string) {
	for _, n := range []*int{&p.Idle, &p.Slow, &p.Connections} {
		if most := max(limit-spareDescriptors, 1); *n > most {
			note += fmt.Sprintf("%d connections instead of %d: the system allows this process %d file descriptors (ulimit -n). ", most, *n, limit)
			*n = most
		}
	}
	return note
}

// hold opens idle connections, and keeps them until it is told to look how many there are still.
func hold(ctx context.Context, p *Plan, begin, wait func()) Result {
	sockets, r := idleConnections(ctx, p)
	begin()
	wait()
	r.Held = stillHeld(sockets)
	for _, socket := range sockets {
		socket.Close()
	}
	return r
}

// run warms the server up, and then measures.
func run(ctx context.Context, p *Plan, begin func()) (r Result) {
	all, err := connect(p)
	if err != nil {
		r = newResult()
		r.count(0, 0, err)
		begin()
		return r
	}
	defer all.close()
	note := ""
	if p.Slow > 0 {
		opened, end := slowClients(ctx, p)
		defer end()
		if opened < p.Slow {
			note = fmt.Sprintf("%d of %d slow clients were accepted. ", opened, p.Slow)
		}
	}
	if p.WarmUp > 0 {
		all.run(ctx, newPace(0, p.WarmUp, warmUpRequests(p)))
	}
	begin()
	before := ownCPU()
	r = all.run(ctx, newPace(p.Rate, p.Duration, p.Requests))
	r.CPU, r.Note = ownCPU()-before, note
	return r
}

// warmUpRequests: a load that is bounded by requests warms up with fewer.
func warmUpRequests(p *Plan) int64 { return (p.Requests + 9) / 10 }
