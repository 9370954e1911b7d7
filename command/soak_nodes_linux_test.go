package command

import "math/rand/v2"

// nodes are what runs the application of a server that reaches it by NATS.
type nodes struct {
	broker string
	args   []string
	all    []*running
}

// node starts one, and waits until it takes calls.
func (s *soakServer) node() *running {
	n := s.glass(append([]string{"node", s.nodes.broker, "--health", "0", "--timeout", "120"}, s.nodes.args...)...)
	awaitPage(s.t, healthOf(s.t, n.err)+"/readyz", "ready\n")
	return n
}

// await waits until the server has heard of a node.
func (s *soakServer) awaitNode() { awaitPage(s.t, healthOf(s.t, s.err)+"/readyz", "ready\n") }

// killNode ends a node and its workers, and begins another one. The harm is over when the server answers again.
func (s *soakServer) killNode() {
	s.ledger.harm(func() {
		gone := rand.IntN(len(s.nodes.all))
		s.nodes.all[gone].abandon()
		s.nodes.all[gone] = s.node()
		s.worker(0)
	})
}

// abandon kills a process.
func (r *running) abandon() {
	r.Process.Kill()
	<-r.ended
	r.ended = nil
}
