package remote

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"glasswsgi/runtime/wsgi"
)

// NodeConfig says what a node runs. All but Answered must be set.
type NodeConfig struct {
	Application wsgi.Application
	Name        string // for people; of two nodes that have the same, each is told by a number that it makes up
	Threads     int    // calls at a time
	Multithread bool   // wsgi.multithread
	Errors      io.Writer
	Log         *slog.Logger

	Answered func(status int, took time.Duration, bytes int64) // nil: no one counts
}

// Node answers calls of fronts, as many at a time as it has threads.
type Node struct {
	NodeConfig
	broker    *Broker
	connected atomic.Bool
}

// NewNode makes a node. It does nothing until Serve.
func NewNode(broker *Broker, config NodeConfig) *Node {
	return &Node{NodeConfig: config, broker: broker}
}

// Unready is why the node gets no calls, or "".
func (n *Node) Unready() string {
	if !n.connected.Load() {
		return "NATS is not reached"
	}
	return ""
}

// Serve takes calls until ctx is done, and returns when those that it has are answered, or hurry is done. It connects again as
// often as the broker is lost.
func (n *Node) Serve(ctx, hurry context.Context) error {
	first, err := n.connect()
	if err != nil && !mayPass(err) {
		return err
	}
	keepConnected(ctx, n.broker, n.Log, first, err, n.connect, func(p *post) {
		n.connected.Store(true)
		p.serve(ctx, hurry)
		n.connected.Store(false)
	})
	return nil
}

// post is a node's connection with the broker, and all that ends with it. The next one has another id: fronts are told by
// NATS that this one is gone.
type post struct {
	node *Node
	nc   *nats.Conn
	id   string
	gone chan struct{} // closed with the connection

	mu      sync.Mutex
	tasks   map[string]*task
	idle    map[*nats.Subscription]bool // a thread each
	numbers uint64
	leaving bool
	work    sync.WaitGroup
}

// queueGroup is what nodes subscribe to offers as.
const queueGroup = "nodes"

// connect begins a post.
func (n *Node) connect() (*post, error) {
	p := &post{node: n, id: token(n.Name) + "-" + rand.Text()[:8], gone: make(chan struct{}), tasks: map[string]*task{}, idle: map[*nats.Subscription]bool{}}
	var err error
	if p.nc, err = n.broker.dial("glass node "+n.Name, n.Log, func() { close(p.gone) }); err != nil {
		return nil, err
	}
	if _, err = p.nc.Subscribe(p.subject("*"), p.control); err == nil {
		for range n.Threads {
			p.addThread()
		}
		err = p.nc.FlushTimeout(dialTime)
	}
	if err != nil {
		p.nc.Close()
		return nil, err
	}
	return p, nil
}

// token makes a word of a subject of a name.
func token(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(".*> \t\r\n", r) {
			return '-'
		}
		return r
	}, name)
}

func (p *post) subject(number string) string {
	return p.node.broker.Subject + ".node." + p.id + "." + number
}

// serve tells how the node is, and watches its fronts, until the connection is lost; or until ctx is done, and then until
// the calls in hand are answered.
func (p *post) serve(ctx, hurry context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	leave := ctx.Done()
	var answered chan struct{}
	p.tellState()
	for open := true; open; {
		select {
		case <-p.gone:
			open = false
		case <-leave:
			leave, answered = nil, p.leave()
		case <-answered:
			open = false
		case <-hurry.Done():
			open = false
		case <-ticker.C:
			p.tellState()
			for _, t := range p.all() {
				t.watch()
			}
		}
	}
	if p.nc.IsConnected() {
		p.nc.FlushTimeout(writeTime) // the last words
	}
	p.nc.Close()
	for _, t := range p.all() {
		t.abandon()
	}
}

// leave takes no more offers, and returns what is closed when all calls are answered.
func (p *post) leave() chan struct{} {
	p.mu.Lock()
	p.leaving = true
	for sub := range p.idle {
		sub.Unsubscribe()
	}
	clear(p.idle)
	p.mu.Unlock()
	p.tellState()
	answered := make(chan struct{})
	go func() { p.work.Wait(); close(answered) }()
	return answered
}

func (p *post) all() []*task {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*task, 0, len(p.tasks))
	for _, t := range p.tasks {
		all = append(all, t)
	}
	return all
}

// tellState tells all fronts.
func (p *post) tellState() {
	p.mu.Lock()
	b := appendState(p.id, p.node.Threads, len(p.idle), p.leaving)
	p.mu.Unlock()
	p.nc.Publish(p.node.broker.Subject+".state", b)
}

// addThread has a thread wait for one offer.
func (p *post) addThread() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.leaving {
		return
	}
	var sub *nats.Subscription
	sub, err := p.nc.QueueSubscribe(p.node.broker.Subject+".offer", queueGroup, func(m *nats.Msg) { p.claim(m) })
	if err != nil {
		return // the connection is lost
	}
	sub.AutoUnsubscribe(1)
	p.idle[sub] = true
}

// claim takes an offer. The thread waits for the request for as long as reserved; then the front has found another.
func (p *post) claim(m *nats.Msg) {
	p.mu.Lock()
	delete(p.idle, m.Sub)
	if p.leaving {
		p.mu.Unlock()
		m.Respond(message(abort)) // which is no claim
		return
	}
	p.numbers++
	t := newTask(p, p.numbers)
	p.tasks[t.number] = t
	p.work.Add(1)
	p.mu.Unlock()
	t.reserve()
	m.Respond(appendText(appendText(message(claim), p.subject(t.number)), p.node.Name))
}

// release frees the thread of a task, and tells fronts where there was none.
func (p *post) release(t *task) {
	p.mu.Lock()
	delete(p.tasks, t.number)
	first := len(p.idle) == 0
	p.mu.Unlock()
	p.addThread()
	if first {
		p.tellState()
	}
	p.work.Done()
}

// control takes what a front says about a call.
func (p *post) control(m *nats.Msg) {
	number := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	p.mu.Lock()
	t := p.tasks[number]
	p.mu.Unlock()
	switch {
	case t != nil:
		t.receive(m)
	case m.Reply != "":
		m.Respond(message(absent))
	}
}
