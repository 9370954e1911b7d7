package remote

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"glasswsgi/runtime/wsgi"
)

const (
	reserved    = time.Second // how long a thread waits for the request after it was claimed
	frontSilent = 25          // ticks without a word of the front: then it is lost
	frontQuiet  = 2           // ticks without one: then the front is asked
)

// errLeft is what an application's block meets that nobody wants any more.
var errLeft = errors.New("the front wants no more of the response")

// task is one call, seen from the node. A reserved task waits for its request.
type task struct {
	post   *post
	number string
	begun  time.Time
	input  input

	once    sync.Once // its request, or its end without one
	expires *time.Timer
	ctx     context.Context // ends when the front wants no more
	cancel  context.CancelFunc
	inbox   string // of the call, once it was requested

	requested atomic.Bool

	mu     sync.Mutex
	credit int
	more   chan struct{} // credit came

	sent  atomic.Uint64 // messages that are counted
	got   atomic.Uint64
	quiet atomic.Int32 // ticks without a word of the front
}

func newTask(p *post, number uint64) *task {
	t := &task{post: p, number: strconv.FormatUint(number, 36), credit: window, more: make(chan struct{}, 1)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.input = input{task: t, arrived: make(chan []byte, 1)}
	return t
}

// reserve frees the thread unless the request comes in time.
func (t *task) reserve() {
	t.expires = time.AfterFunc(reserved, t.abandon)
}

// abandon ends a task that is not wanted any more. A call that runs ends when its application next yields.
func (t *task) abandon() {
	t.once.Do(func() { go t.post.release(t) })
	t.cancel()
}

// receive takes a message of the front's, or NATS's own: that the front is gone.
func (t *task) receive(m *nats.Msg) {
	if noResponders(m) {
		t.abandon()
		return
	}
	t.quiet.Store(0)
	k, d := decode(m.Data)
	if k.counted() {
		t.got.Add(1)
	}
	switch k {
	case request:
		taken := false
		t.once.Do(func() {
			t.expires.Stop()
			t.inbox, taken = m.Reply, true
			t.requested.Store(true)
			go t.run(d)
		})
		if !taken { // its time is up, and its thread about to be free
			m.Respond(message(absent))
		}
	case abort:
		t.abandon()
	case credit:
		t.mu.Lock()
		t.credit += int(min(d.number(), window))
		t.mu.Unlock()
		select {
		case t.more <- struct{}{}:
		default:
		}
	case data, end, broken:
		select {
		case t.input.arrived <- m.Data:
		default: // it was not asked for
			t.abandon()
		}
	case ask:
		if n := d.number(); n > t.got.Load() {
			m.Respond(appendFailure(&Failure{Status: 502, Text: "messages of the front were lost on their way"}))
			t.abandon()
			return
		}
		sent := t.sent.Load() // before the message: what is sent meanwhile comes after it
		m.Respond(numbered(here, sent))
	}
}

// watch asks a front that is quiet whether it is there.
func (t *task) watch() {
	switch quiet := t.quiet.Add(1); {
	case quiet > frontSilent:
		t.abandon()
	case quiet > frontQuiet && t.requested.Load():
		t.post.nc.PublishRequest(t.inbox, t.post.subject(t.number), numbered(here, t.sent.Load()))
	}
}

// run holds the conversation with the application. What it says comes back through the assembler.
func (t *task) run(d *decoder) {
	defer t.post.release(t)
	defer t.cancel()
	t.begun = time.Now()
	environ, body, whole, err := d.request()
	if err != nil || t.inbox == "" {
		t.publish(appendFailure(&Failure{Status: 502, Text: err.Error() + ": do front and node have the same version?"}))
		return
	}
	t.input.rest, t.input.whole, t.input.body = body, whole, body
	environ.Input, environ.Errors = &t.input, t.post.node.Errors
	environ.Multithread, environ.Multiprocess = t.post.node.Multithread, true
	out := &assembler{task: t}
	out.response = wsgi.NewResponse(out, out)
	out.response.Bodiless = environ.Value("REQUEST_METHOD") == "HEAD"
	failed, unclosed := wsgi.Run(t.post.node.Application, environ, out.response)
	for _, err := range []error{failed, unclosed} {
		if err != nil && !errors.Is(err, errLeft) {
			t.post.node.Log.Error(err.Error(), "request", environ.Value("REQUEST_METHOD")+" "+environ.Value("PATH_INFO"))
		}
	}
	if failed != nil {
		t.publish(appendFailure(failed))
	}
	out.count(failed)
}

// publish sends a message to the call.
func (t *task) publish(b []byte) error {
	if t.ctx.Err() != nil {
		return errLeft
	}
	if t.post.nc.Publish(t.inbox, b) != nil {
		return errLeft
	}
	if kind(b[0]).counted() {
		t.sent.Add(1)
	}
	return nil
}

// spend waits until the front has given credit.
func (t *task) spend(n int) error {
	for {
		t.mu.Lock()
		if t.credit > 0 {
			t.credit -= n + frameCost
			t.mu.Unlock()
			return nil
		}
		t.mu.Unlock()
		select {
		case <-t.more:
		case <-t.ctx.Done():
			return errLeft
		}
	}
}
