package remote

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
)

// held is an application whose calls wait until they are let go.
type held struct {
	begun chan string // the path of each call
	goOn  chan bool
}

func newHeld() *held { return &held{make(chan string, 100), make(chan bool)} }

func (h *held) call(e *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	h.begun <- e.Value("PATH_INFO")
	<-h.goOn
	return saying("done")(e, start)
}

// asking has a call made, and returns what comes of it.
func asking(f *Front, method, path string) chan *response {
	answered := make(chan *response, 1)
	go func() { answered <- converse(f, environ(method, path, nil)) }()
	return answered
}

func statusOf(err error) int {
	var failure wsgi.Failure
	if errors.As(err, &failure) {
		return failure.StatusCode()
	}
	return 0
}

// TestFreeThreads: a node takes no more calls than it has threads; others wait, and go to whichever has one, in order.
func TestFreeThreads(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	busy := newHeld()
	startNode(t, address, "busy", 2, busy.call)
	knows(t, f, 1)
	first, second := asking(f, "POST", "/1"), asking(f, "POST", "/2")
	<-busy.begun
	<-busy.begun
	third := asking(f, "POST", "/3")
	eventually(t, "the third one waits", func() bool { return f.Load().Queued == 1 })
	eventually(t, "no thread is free", func() bool { return f.Load().Idle == 0 })
	if l := f.Load(); l.Workers != 1 || l.Busy != 2 {
		t.Errorf("%+v", l)
	}
	n := startNode(t, address, "free", 1, saying("from another"))
	if r := <-third; r.body.String() != "from another" || r.by != "free" {
		t.Errorf("%q by %q, %v", &r.body, r.by, r.err)
	}
	for range 20 { // the one with a free thread, each time
		if r := converse(f, environ("POST", "/", nil)); r.by != "free" {
			t.Errorf("%q by %q, %v", &r.body, r.by, r.err)
		}
	}
	n.leave()
	n.await(t)
	fourth := asking(f, "POST", "/4")
	eventually(t, "the fourth one waits", func() bool { return f.Load().Queued == 1 })
	for range 3 {
		busy.goOn <- true
	}
	for _, answered := range []chan *response{first, second, fourth} {
		if r := <-answered; r.body.String() != "done" || r.by != "busy" {
			t.Errorf("%q by %q, %v", &r.body, r.by, r.err)
		}
	}
}

// TestDeath: what a node had in hand is given to another one where the method is safe, and fails elsewhere: no POST is
// executed twice.
func TestDeath(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, said := openFront(t, address)
	dying, w := newHeld(), newWire(t, address)
	startNode(t, w.address(), "dying", 3, dying.call)
	knows(t, f, 1)
	get, head, post := asking(f, "GET", "/get"), asking(f, "HEAD", "/head"), asking(f, "POST", "/post")
	for range 3 {
		<-dying.begun
	}
	var posts atomic.Int32
	startNode(t, address, "other", 3, func(e *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		if e.Value("REQUEST_METHOD") == "POST" {
			posts.Add(1)
		}
		return saying("from another")(e, start)
	})
	w.cut()
	for _, answered := range []chan *response{get, head} {
		if r := <-answered; r.by != "other" || r.err != nil || !r.ended {
			t.Errorf("by %q, %v", r.by, r.err)
		}
	}
	if r := <-post; statusOf(r.err) != 502 || posts.Load() > 0 || !strings.Contains(r.err.Error(), "node dying is gone") {
		t.Errorf("%v, executed %d times", r.err, posts.Load())
	}
	if !strings.Contains(said.String(), "a call goes to another node") {
		t.Error(said)
	}
	close(dying.goOn)
}

// TestDeathInABody: a response that has begun is cut off, since the rest cannot come.
func TestDeathInABody(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	w := newWire(t, address)
	startNode(t, w.address(), "dying", 1, func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		_, err := plain(start)
		return native.Generator{Blocks: func(yield func([]byte, error) bool) {
			for yield([]byte("more "), nil) {
				time.Sleep(time.Millisecond)
			}
		}}, err
	})
	i, err := f.Call(environ("GET", "/", nil), func(string, []wsgi.Header, error) (wsgi.Write, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	var last error
	for _, err := range i.Chunks() {
		w.cut()
		last = err
	}
	if statusOf(last) != 502 {
		t.Errorf("%v", last)
	}
}

// TestFrozen: a node of which nothing is heard is lost, with what it has in hand; an offer that it got before goes to another
// one, whatever the method is, and it executes nothing when it is back.
func TestFrozen(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	frozen, w := newHeld(), newWire(t, address)
	close(frozen.goOn)
	startNode(t, w.address(), "frozen", 4, frozen.call)
	knows(t, f, 1)
	w.freeze()
	other := newHeld()
	close(other.goOn)
	startNode(t, address, "other", 1, other.call)
	for range 4 { // each of the frozen threads takes one offer at most
		if r := converse(f, environ("POST", "/", nil)); r.err != nil || r.by != "other" {
			t.Errorf("by %q, %v", r.by, r.err)
		}
	}
	w.melt()
	knows(t, f, 2)
	if r := converse(f, environ("POST", "/", nil)); r.err != nil {
		t.Error(r.err)
	}
	if executed := len(frozen.begun) + len(other.begun); executed != 5 {
		t.Errorf("5 requests were executed %d times", executed)
	}
}

// TestFrozenInACall: the call of a node that falls silent is lost within a second or so, and does not wait for ever.
func TestFrozenInACall(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, _ := openFront(t, address)
	frozen, w := newHeld(), newWire(t, address)
	startNode(t, w.address(), "frozen", 1, frozen.call)
	post := asking(f, "POST", "/")
	<-frozen.begun
	w.freeze()
	if r := <-post; statusOf(r.err) != 502 || !strings.Contains(r.err.Error(), "does not answer any more") {
		t.Errorf("%v", r.err)
	}
	close(frozen.goOn)
}

// TestBrokerLost: without the broker, and without a node, a call gets 503; both come back by themselves.
func TestBrokerLost(t *testing.T) {
	t.Parallel()
	address, stop := startBroker(t, server.Options{})
	f, said := openFront(t, address)
	if r := converse(f, environ("POST", "/", nil)); statusOf(r.err) != 503 || !strings.Contains(r.err.Error(), "no node takes requests at nats://"+address+"/test.app") {
		t.Errorf("without a node: %v", r.err)
	}
	app := newHeld()
	n := startNode(t, address, "a", 1, app.call)
	post := asking(f, "POST", "/")
	<-app.begun
	stop()
	if r := <-post; statusOf(r.err) != 502 {
		t.Errorf("a call in hand: %v", r.err)
	}
	close(app.goOn)
	if r := converse(f, environ("GET", "/", nil)); statusOf(r.err) != 503 || !strings.Contains(r.err.Error(), "NATS is not reached") {
		t.Errorf("without the broker: %v", r.err)
	}
	startBroker(t, server.Options{Port: portOf(address)})
	eventually(t, "a call is answered again", func() bool { return converse(f, environ("POST", "/", nil)).err == nil })
	for _, said := range []*log{said, n.said} {
		if got := said.String(); strings.Count(got, "lost NATS") != 1 || strings.Count(got, "connected to NATS") != 2 {
			t.Error(got)
		}
	}
}

// TestOpenWithoutBroker: a broker that is not there yet is no error, and neither is one that never comes.
func TestOpenWithoutBroker(t *testing.T) {
	t.Parallel()
	f, said := openFront(t, "127.0.0.1:1")
	if r := converse(f, environ("GET", "/", nil)); statusOf(r.err) != 503 {
		t.Errorf("%v", r.err)
	}
	if strings.Count(said.String(), "NATS is not reached; trying again") != 1 {
		t.Error(said)
	}
	f.Close(context.Background())
	if r := converse(f, environ("GET", "/", nil)); statusOf(r.err) != 503 {
		t.Errorf("closed: %v", r.err)
	}
}

// TestLateRequest: a request that reaches its node when the thread that was claimed for it is free again was not executed, and
// goes to another thread, whatever its method is.
func TestLateRequest(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	f, said := openFront(t, address)
	app := newHeld()
	close(app.goOn)
	startNode(t, address, "a", 1, app.call)
	knows(t, f, 1)
	s := f.session.Load()
	for _, when := range []string{"the thread is free", "it is about to be"} {
		var p *placed
		eventually(t, "a thread is free", func() bool { p = s.offer(); return p != nil })
		s.nc.Publish(p.to, message(abort)) // what reserved does when it is over
		var next *placed
		if when == "the thread is free" {
			eventually(t, when, func() bool { next = s.offer(); return next != nil })
		}
		c, err := s.begin(environ("POST", "/late", nil), p, func() {})
		if err != nil {
			t.Fatal(err)
		}
		var lost *lostError
		if err := c.untilHead(nil); !errors.As(err, &lost) || !lost.unreceived {
			t.Errorf("%s: %v", when, err)
		}
		c.leave()
		if next != nil {
			s.nc.Publish(next.to, message(abort))
		}
	}
	if r := converse(f, environ("POST", "/", nil)); r.err != nil || r.body.String() != "done" {
		t.Errorf("%q, %v", &r.body, r.err)
	}
	if executed := len(app.begun); executed != 1 {
		t.Errorf("one request was executed, and %d were\n%s", executed, said)
	}
}

// TestSlowBroker: where NATS does not answer the front, it does not take the silence for a node's.
func TestSlowBroker(t *testing.T) {
	t.Parallel()
	address, _ := startBroker(t, server.Options{})
	w := newWire(t, address)
	f, _ := openFront(t, w.address())
	app := newHeld()
	startNode(t, address, "a", 1, app.call)
	knows(t, f, 1)
	post := asking(f, "POST", "/")
	<-app.begun
	w.freeze()
	for range 2 * (silentFor + forgotten) {
		f.session.Load().look()
	}
	if f.Load().Workers != 1 {
		t.Error("the node is forgotten")
	}
	w.melt()
	app.goOn <- true
	if r := <-post; r.err != nil {
		t.Error(r.err)
	}
}
