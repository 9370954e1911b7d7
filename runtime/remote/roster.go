package remote

import (
	"sync"

	"github.com/nats-io/nats.go"
)

// roster are the nodes that have lately said how they are.
type roster struct {
	mu    sync.Mutex
	nodes map[string]*known
}

type known struct {
	free  int // threads
	quiet int // ticks since it said so
}

// forgotten is after how many silent ticks a node is not counted any more.
const forgotten = 10

// takeState takes what a node says of itself.
func (s *session) takeState(m *nats.Msg) {
	k, d := decode(m.Data)
	id, _, free, leaves := d.text(), d.number(), d.number(), d.boolean()
	if k != state || d.err != nil {
		return
	}
	s.nodes.mu.Lock()
	defer s.nodes.mu.Unlock()
	if leaves {
		delete(s.nodes.nodes, id)
		return
	}
	if s.nodes.nodes == nil {
		s.nodes.nodes = map[string]*known{}
	}
	s.nodes.nodes[id] = &known{free: int(min(free, mostThreads))}
	for range min(free, firstInLine) {
		select {
		case s.freed <- struct{}{}:
		default:
			return
		}
	}
}

// mostThreads is a bound on what a node may say of itself.
const mostThreads = 1 << 16

func (r *roster) tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, n := range r.nodes {
		if n.quiet++; n.quiet > forgotten {
			delete(r.nodes, id)
		}
	}
}

func (r *roster) count() (nodes, free int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.nodes {
		free += n.free
	}
	return len(r.nodes), free
}
