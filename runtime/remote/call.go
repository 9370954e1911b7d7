package remote

import (
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"glasswsgi/runtime/wsgi"
)

const (
	tick       = 200 * time.Millisecond // between two looks at those on the other side
	silentFor  = 8                      // ticks without an answer, while NATS answers: then a node is lost
	window     = 256 << 10              // bytes of a response that may be on their way
	frameCost  = 64                     // what a block costs of that besides its bytes
	earlyBody  = 64 << 10               // bytes of a request body that travel with the request
	largest    = 64 << 10               // bytes of a response in one message
	mostWanted = 256 << 10              // bytes of a request body in one message
)

// call is one call of the application on a node, seen from the front. What comes for it is put into its mailbox; all else
// belongs to the goroutine that called.
type call struct {
	mailbox
	session    *session
	name       string // behind the session's inbox
	to, node   string
	environ    *wsgi.Environ
	left       func()
	startedOut bool // bytes of the body have been sent to the node
	isOver     bool
	taken      int // of the window, since credit was given last
	size       int64
	by         string

	sent       atomic.Uint64 // messages that are counted
	got        atomic.Uint64
	age        atomic.Int32 // ticks
	unanswered atomic.Int32 // ticks
}

// mailbox holds what came and was not taken yet: no more than the window, which the front gives.
type mailbox struct {
	mu     sync.Mutex
	queue  [][]byte
	err    error // comes after all that is in the queue
	signal chan struct{}
}

func (m *mailbox) put(b []byte, err error) {
	m.mu.Lock()
	if b != nil {
		m.queue = append(m.queue, b)
	} else if m.err == nil {
		m.err = err
	}
	m.mu.Unlock()
	select {
	case m.signal <- struct{}{}:
	default:
	}
}

func (m *mailbox) next() ([]byte, error) {
	for {
		m.mu.Lock()
		if len(m.queue) > 0 {
			b := m.queue[0]
			m.queue = m.queue[1:]
			m.mu.Unlock()
			return b, nil
		}
		err := m.err
		m.mu.Unlock()
		if err != nil {
			return nil, err
		}
		<-m.signal
	}
}

func (c *call) fail(err error) { c.put(nil, err) }

// receive takes a message of the node's, or NATS's own: that the node is not there.
func (c *call) receive(m *nats.Msg, asked bool) {
	if noResponders(m) {
		c.fail(&lostError{node: c.node, reason: "is gone", unreceived: !asked})
		return
	}
	c.unanswered.Store(0)
	k, d := decode(m.Data)
	switch {
	case k.counted():
		c.got.Add(1)
		c.put(m.Data, nil)
	case k == here, k == over:
		if n := d.number(); d.err != nil || n > c.got.Load() {
			c.fail(&Failure{Status: 502, Text: "messages of node " + c.node + " were lost on their way"})
		} else if k == over {
			c.put(m.Data, nil)
		}
	case k == failed:
		c.put(m.Data, nil)
	case k == absent:
		c.fail(&lostError{node: c.node, reason: "does not have the call", unreceived: !asked})
	}
}

// watch asks the node whether it is there, with what it should have got. A young call is left alone. Each look counts against
// the node.
func (c *call) watch() {
	if c.age.Add(1) < 2 {
		return
	}
	if c.unanswered.Add(1) > silentFor {
		c.fail(&lostError{node: c.node, reason: "does not answer any more"})
		return
	}
	sent := c.sent.Load() // before the message: what is sent meanwhile comes after it
	c.session.nc.PublishRequest(c.to, c.session.inbox+"."+c.name+askSuffix, numbered(ask, sent))
}

// repeatable says that the call may be made once more although a node has got it.
func (c *call) repeatable() bool {
	method := c.environ.Value("REQUEST_METHOD")
	return (method == "GET" || method == "HEAD") && !c.startedOut
}

// untilHead serves the node until its application has begun its response, and passes that on.
func (c *call) untilHead(startResponse wsgi.StartResponse) error {
	b, err := c.step()
	if err != nil {
		return err
	}
	k, d := decode(b)
	if k != head {
		return c.breach()
	}
	h, by, err := d.head()
	if err != nil {
		return c.breach()
	}
	c.size, c.by = h.Length, by
	if hasLength := slices.ContainsFunc(h.Headers, func(f wsgi.Header) bool { return strings.EqualFold(f.Name, "Content-Length") }); !hasLength &&
		h.Length >= 0 && c.environ.Value("REQUEST_METHOD") == "HEAD" && !h.WithoutBody() {
		// The node has seen blocks, of which none comes here.
		h.Headers = append(h.Headers, wsgi.Header{Name: "Content-Length", Value: strconv.FormatInt(h.Length, 10)})
	}
	_, err = startResponse(h.Status, h.Headers, nil)
	return err
}

func (c *call) breach() error {
	return &Failure{Status: 502, Text: "node " + c.node + " sent a message that cannot be understood: do front and node have the same version?"}
}

// step takes the next message. It answers wants itself, and makes an error of a failure.
func (c *call) step() ([]byte, error) {
	for {
		b, err := c.next()
		if err != nil {
			return nil, err
		}
		switch k, d := decode(b); k {
		case want:
			if err := c.feed(d.number()); err != nil {
				return nil, err
			}
		case failed:
			c.isOver = true
			return nil, d.failure(c.node)
		default:
			return b, nil
		}
	}
}

// feed reads from wsgi.input for the node's application. It may wait for the client.
func (c *call) feed(wanted uint64) error {
	b := make([]byte, 1+min(int64(min(wanted, mostWanted)), c.session.nc.MaxPayload()-1))
	n, err := 0, io.EOF
	if c.environ.Input != nil {
		for n == 0 && len(b) > 1 {
			if n, err = c.environ.Input.Read(b[1:]); err != nil {
				break
			}
		}
	}
	c.startedOut = true
	switch {
	case n > 0:
		b = b[:1+n]
		b[0] = byte(data)
	case err == io.EOF:
		b = message(end)
	default:
		b = append(message(broken), err.Error()...)
	}
	if err := c.session.nc.Publish(c.to, b); err != nil {
		return &lostError{node: c.node, reason: "is out of reach: " + err.Error()}
	}
	c.sent.Add(1)
	return nil
}

// leave ends the front's part.
func (c *call) leave() {
	c.session.mu.Lock()
	delete(c.session.calls, c.name)
	c.session.mu.Unlock()
	if !c.isOver {
		c.session.nc.Publish(c.to, message(abort))
	}
	c.left()
}

// iterable is the body of the response, which comes from the node (wsgi.Iterable).
type iterable struct{ call *call }

func (i *iterable) Size() int64 { return i.call.size }

// By says who answered.
func (i *iterable) By() string { return i.call.by }

// Chunks yields the blocks as they come, and gives credit back as they are taken.
func (i *iterable) Chunks() iter.Seq2[[]byte, error] {
	c := i.call
	return func(yield func([]byte, error) bool) {
		for !c.isOver {
			b, err := c.step()
			switch {
			case err != nil:
				c.isOver = true
				yield(nil, err)
			case kind(b[0]) == over:
				c.isOver = true
			case kind(b[0]) != block:
				c.isOver = true
				yield(nil, c.breach())
			case !yield(b[1:], nil):
				return
			default:
				c.giveCredit(len(b) - 1)
			}
		}
	}
}

func (c *call) giveCredit(n int) {
	if c.taken += n + frameCost; c.taken >= window/4 {
		c.session.nc.Publish(c.to, numbered(credit, uint64(c.taken)))
		c.taken = 0
	}
}

// Close implements wsgi.Iterable. The node's application has closed its own, or does when it is told.
func (i *iterable) Close() error {
	i.call.leave()
	return nil
}
