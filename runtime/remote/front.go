package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"glasswsgi/runtime/wsgi"
)

const (
	patience   = 2 * time.Second        // of a call, while there is no node or no broker
	firstPause = 100 * time.Millisecond // before the broker is dialled again; it doubles
	lastPause  = 2 * time.Second
	tries      = 4 // how many nodes a call may be given to that may be repeated
)

// Front gives calls to nodes. It implements wsgi.Application.
type Front struct {
	broker *Broker
	log    *slog.Logger

	session atomic.Pointer[session] // nil: the broker is not reached
	line    chan struct{}           // calls that wait for a free thread: the first ones of them look for it
	inHand  atomic.Int64
	waiting atomic.Int64
	cancel  context.CancelFunc
	closed  context.Context
	ended   chan struct{}
}

// firstInLine is how many calls look for a free thread at a time, while there is none. One alone would find them only as
// fast as messages go there and back.
const firstInLine = 8

// Open begins to connect with the broker. A broker that is not there is no error: it may come. A file that cannot be used is.
func Open(broker *Broker, log *slog.Logger) (*Front, error) {
	f := &Front{broker: broker, log: log, line: make(chan struct{}, firstInLine), ended: make(chan struct{})}
	f.closed, f.cancel = context.WithCancel(context.Background())
	first, err := f.connect()
	if err != nil && !mayPass(err) {
		return nil, fmt.Errorf("%s: %w", broker, err)
	}
	go f.run(first, err)
	return f, nil
}

// run keeps the front connected, each time with a new session.
func (f *Front) run(s *session, err error) {
	defer close(f.ended)
	keepConnected(f.closed, f.broker, f.log, s, err, f.connect, func(s *session) {
		f.session.Store(s)
		s.serve(f.closed)
		f.session.CompareAndSwap(s, nil)
	})
}

// Call implements wsgi.Application: it gives the call to a node with a free thread. Where that node is lost, it gives the
// call to another one, if the first had not got it or the method is safe (RFC 9110 §9.2.1).
func (f *Front) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	for try := 1; ; try++ {
		p, err := f.place()
		if err != nil {
			return nil, err
		}
		f.inHand.Add(1)
		c, err := p.session.begin(environ, p, func() { f.inHand.Add(-1) })
		if err == nil {
			err = c.untilHead(startResponse)
		}
		if err == nil {
			return &iterable{c}, nil
		}
		c.leave()
		var lost *lostError
		if !errors.As(err, &lost) || try == tries || !lost.unreceived && !c.repeatable() {
			return nil, err
		}
		f.log.Info("a call goes to another node", "request", environ.Value("REQUEST_METHOD")+" "+environ.Value("PATH_INFO"), "because", err)
	}
}

// String names the runtime, for messages.
func (f *Front) String() string { return "nodes by " + f.broker.String() }

// Concurrency: nodes are processes, and take calls at the same time.
func (f *Front) Concurrency() (multithread, multiprocess bool) { return true, true }

// Close leaves the broker when the calls in hand have ended, or ctx has.
func (f *Front) Close(ctx context.Context) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for f.inHand.Load() > 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	f.Kill()
	return ctx.Err()
}

// Kill leaves the broker. Calls in hand fail.
func (f *Front) Kill() {
	f.cancel()
	<-f.ended
}

// Load is what the front has to do, and how many threads the nodes have free.
type Load struct{ Workers, Busy, Idle, Queued int }

// Load counts nodes as workers.
func (f *Front) Load() Load {
	l := Load{Busy: int(f.inHand.Load()), Queued: int(f.waiting.Load())}
	if s := f.session.Load(); s != nil {
		l.Workers, l.Idle = s.nodes.count()
	}
	return l
}

// lostError says that a node was lost with a call.
type lostError struct {
	node       string
	reason     string
	unreceived bool // it had not got the call
}

func (e *lostError) Error() string { return fmt.Sprintf("node %s %s", e.node, e.reason) }

// StatusCode implements wsgi.Failure: 502 (Bad Gateway).
func (e *lostError) StatusCode() int { return 502 }
