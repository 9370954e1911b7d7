package command

import (
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"glasswsgi/check/suite"
)

// The soak is long where it is asked for, and then as fast as the machine can. In CI it takes half a minute, and leaves the
// machine to the other tests. For a person who runs all tests it takes a second, with one server for each model.
var soakTime = flag.Duration("soak", 0, "how long TestSoak goes on, as fast as the machine can; by default 30 s in CI, at a pace that other tests do not notice, and else 1 s, with few servers")

const (
	soakClients = 6                      // of each server at a time
	soakCalm    = 600 * time.Millisecond // the longest between two events, which befall one server after the other
	soakInCI    = 30 * time.Second
	soakCIPause = 3 * time.Second // the longest that a client waits before it connects again
	soakUsually = time.Second
	soakPause   = 100 * time.Millisecond
)

// TestSoak mixes what servers meet, on each model and runtime: connections that are kept, pipelines, uploads, streams,
// slow peers and such as leave, killed workers and nodes, reloads, recycling, more workers and fewer, and no descriptors
// left. Each request has an id, which comes back in the head and in the body, and which the application writes down when
// it is called and when it is closed. No answer may be wrong, no request executed twice or lost without a visible cut, and
// what the server costs comes back to what it was. Nothing depends on how fast it all goes.
func TestSoak(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	inCI, took, pace := suite.Whole(), *soakTime, time.Duration(0)
	few := took == 0 && !inCI
	switch {
	case few:
		took, pace = soakUsually, soakPause
	case took == 0:
		took, pace = soakInCI, soakCIPause
	}
	run := soakRun{start: make(chan struct{}), stop: make(chan struct{}), calm: make(chan struct{}), pace: pace}
	for _, f := range fronts {
		for _, r := range soakRuntimes {
			if !slices.Contains(r.models, f.name) || few && r.usually != f.name {
				continue
			}
			run.ready.Add(1)
			run.tests.Go(func() {
				ready := sync.OnceFunc(run.ready.Done)
				defer ready() // even if it does not start, or -run leaves it out
				t.Run(f.name+", "+r.name, func(t *testing.T) {
					s := soaked(t, f.name, r)
					run.add(s)
					s.soak(&run, ready)
				})
			})
		}
	}
	run.ready.Wait()
	close(run.start)
	time.AfterFunc(took, func() { close(run.stop) })
	run.befall()
	run.tests.Wait()
}

// soakRun is one soak of all servers at the same time.
type soakRun struct {
	ready, tests      sync.WaitGroup
	start, stop, calm chan struct{} // closed when all are there, when the time is up, and when nothing befalls them any more
	pace              time.Duration

	mu  sync.Mutex
	all []*soakServer
}

func (r *soakRun) add(s *soakServer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, s)
}

// befall harms one server after the other, so that each has time without harm, in which nothing may fail.
func (r *soakRun) befall() {
	defer close(r.calm)
	for {
		for _, s := range r.all {
			select {
			case <-r.stop:
				return
			case <-time.After(min(soakCalm, r.pace+50*time.Millisecond)):
				s.befall()
			}
		}
		if len(r.all) == 0 {
			return
		}
	}
}

// soaked starts a server, and its nodes.
func soaked(t *testing.T, model string, r soakRuntime) *soakServer {
	if r.needs != "" {
		suite.Program(t, r.needs)
	}
	ledger := &ledger{path: write(t, t.TempDir(), "ledger", ""), repeats: r.nodes > 0}
	s := &soakServer{t: t, env: append(os.Environ(), soakLedger+"="+ledger.path), workers: r.workers, crowd: 20, spare: 12, events: soakEvents}
	args := r.args
	if r.nodes > 0 {
		s.nodes.broker, s.nodes.args, s.events = "nats://"+startNATS(t)+"/soak", r.args, append(s.events, (*soakServer).killNode)
		args = []string{"--health", "0", s.nodes.broker}
	}
	s.running = s.glass(append([]string{"-b", "127.0.0.1:0", "--model", model, "--pprof", "127.0.0.1:0", "--timeout", "120",
		"--keep-alive", "120", "--read-timeout", "120", "--write-timeout", "120"}, args...)...)
	for range r.nodes {
		s.nodes.all = append(s.nodes.all, s.node())
		s.awaitNode()
	}
	_, s.profile, _ = strings.Cut(s.err.await(t, `pprof=\S+`), "=")
	_, address, _ := strings.Cut(s.url, "//")
	s.soakClient = soakClient{address, ledger}
	s.event = rand.IntN(len(s.events))
	switch model {
	case "iterative":
		s.crowd = 0 // each of them would be the one that is served
	case "fasthttp": // no silent peer gives way to another, and coroutines are kept, one for each client that there was
		s.crowd, s.keeps = 4, soakClients+4
	}
	return s
}

// soak runs the clients of a server until the time is up, and then looks at what they leave.
func (s *soakServer) soak(run *soakRun, ready func()) {
	for _, way := range soakWays { // so that the costs are those of a server that has been used
		way(s.soakClient)
	}
	s.worker(0)
	before := s.settled(anyCosts)
	ready()
	<-run.start
	var clients sync.WaitGroup
	for range soakClients {
		clients.Go(func() {
			for {
				select {
				case <-run.stop:
					return
				case <-time.After(rand.N(run.pace + 1)):
					oneOf(soakWays)(s.soakClient)
				}
			}
		})
	}
	clients.Wait()
	<-run.calm
	s.reload() // takes back what SIGTTIN brought
	after := s.settled(costs{before.descriptors, before.goroutines + s.keeps, before.memory + soakKept, before.processes})
	s.t.Logf("before %+v, after %+v", before, after)
	s.stop(s.t, syscall.SIGTERM)
	for _, n := range s.nodes.all {
		n.stop(s.t, syscall.SIGTERM)
	}
	s.quiet()
	s.ledger.balance(s.t)
	s.explain()
}
