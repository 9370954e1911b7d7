package cpython

import (
	"encoding/binary"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"glasswsgi/runtime/wsgi"
)

// lane is the way into the pool for an event loop (wsgi.Lane). Its calls are calls like any other, to the worker and to
// those who watch it. But no goroutine waits at their mailboxes: answers that come by the outbox go to the loop at once, of
// all else it is told, and where that is no whole response either, a goroutine goes on with the call.
type lane struct {
	pool   *Pool
	inHand int       // calls whose Receivers were not told
	toSend []*worker // that were given calls since the last Send
	latest head      // of the latest response: the next one often has the same
	whole  wsgi.Whole
	opened []*call // whose frames were found in an outbox, other than an ANSWER

	wants atomic.Bool // a request waits for a slot
	mu    sync.Mutex
	mail  []*call // those whose mailboxes hold something
	spare []*call
}

// Lane implements wsgi.Express. There is none where threads of one worker, a debugger or --lint want to be waited for.
func (p *Pool) Lane() wsgi.Lane {
	if !p.servesLanes() {
		return nil
	}
	l := &lane{pool: p}
	p.lane.Store(l)
	if p.config.Host != nil {
		return nearLane{l}
	}
	return l
}

func (p *Pool) servesLanes() bool {
	return p.config.Bell != nil && p.config.Threads <= 1 && !p.config.Lint && p.config.Debugger == nil
}

// Take implements wsgi.Lane.
func (l *lane) Take(environ *wsgi.Environ, memory *wsgi.Memory, to wsgi.Receiver) bool {
	w := l.slot()
	if w == nil {
		return false
	}
	c := l.pool.newCall(environ)
	c.receiver = to
	c.setLane(l)
	for {
		kept := memory.Place
		if kept >= mostKept || w.outbox == nil { // which its worker would answer by
			kept = -1
		}
		c.again = memory.Again && kept >= 0 && keeps(memory, w)
		c.kept, c.target = kept, memory.Target
		if !c.again {
			if c.target != "" {
				c.kept = -1 // what is kept is the environ of the request before
			}
			c.encode()
		}
		if w.begin(c) {
			break
		}
		if w = l.slot(); w == nil {
			c.receiver, c.environ = nil, nil
			l.pool.calls.Put(c)
			return false
		}
	}
	if !c.again && c.kept >= 0 {
		keep(memory, w)
	}
	l.inHand++
	if n := len(l.toSend); n == 0 || l.toSend[n-1] != w {
		l.toSend = append(l.toSend, w)
	}
	return true
}

// mostKept is of how many connections a worker keeps the environ, about 3 KB each.
const mostKept = 1024

// mostKeeping is how many workers are remembered to have a connection's environ; then it starts again.
const mostKeeping = 16

// keeps says that a worker has the environ that a connection repeats.
func keeps(m *wsgi.Memory, w *worker) bool {
	having, _ := m.Owner.([]*worker)
	return slices.Contains(having, w)
}

// keep notes that a worker has a connection's environ from now on; of an earlier one it has none any more.
func keep(m *wsgi.Memory, w *worker) {
	having, _ := m.Owner.([]*worker)
	if !m.Again || len(having) == mostKeeping {
		having = having[:0]
	}
	m.Owner = append(having, w)
}

// slot takes a free slot, if there is one. If there is none it asks to be told.
func (l *lane) slot() *worker {
	for range 2 {
		select {
		case w := <-l.pool.slots:
			return w
		default:
		}
		if l.wants.Swap(true) { // look again: one may have been freed before we asked
			return nil
		}
	}
	return nil
}

// offer lets a call into a worker's slot.
func (p *Pool) offer(w *worker) {
	p.slots <- w
	if l := p.lane.Load(); l != nil && l.wants.Load() && l.wants.Swap(false) {
		ring(p.config.Bell)
	}
}

// Send implements wsgi.Lane.
func (l *lane) Send() {
	for _, w := range l.toSend {
		w.writeAtOnce()
	}
	l.toSend = l.toSend[:0]
}

// Pending implements wsgi.Lane.
func (l *lane) Pending() int { return l.inHand }

// Busy implements wsgi.Lane.
func (l *lane) Busy() bool {
	living := l.pool.living.Load()
	return living != nil && l.inHand >= len(*living)
}

// Collect implements wsgi.Lane.
func (l *lane) Collect(rung bool) {
	if living := l.pool.living.Load(); living != nil {
		for _, w := range *living {
			w.collect(rung)
		}
	}
	for _, c := range l.opened {
		l.open(c)
	}
	l.opened = l.opened[:0]
	l.mu.Lock()
	mail := l.mail
	l.mail = l.spare[:0]
	l.mu.Unlock()
	for _, c := range mail {
		l.open(c)
	}
	l.spare = mail
}

// collect takes what a worker has put into its outbox.
func (w *worker) collect(rung bool) {
	if w.outbox == nil {
		return
	}
	var err error
	if rung {
		err = w.outbox.take(w.outbox.position(), w.deliverAtOnce)
	} else {
		err = w.outbox.look(w.deliverAtOnce)
	}
	if err != nil {
		w.kill("broke the frame protocol: " + err.Error())
	}
	w.measure()
}

// deliverAtOnce hands over a frame that was in the outbox; to a lane's call, which is the loop's, who is our caller.
func (w *worker) deliverAtOnce(f frame) error {
	c := w.find(f.call)
	if c == nil || c.receiver == nil {
		return w.deliverHeld(f)
	}
	l := w.pool.lane.Load()
	if f.kind != kindAnswer {
		if err := c.put(f); err != nil {
			return err
		}
		l.opened = append(l.opened, c)
		if f.isLast() {
			c.setLane(nil) // it need not be told
			w.logLate(c, f)
			w.finish(c)
		}
		return nil
	}
	c.setLane(nil)
	if err := l.answer(c, f.payload); err != nil {
		return err
	}
	w.finish(c)
	c.release()
	return nil
}

// answer tells the receiver of a whole response, an ANSWER.
func (l *lane) answer(c *call, payload []byte) error {
	size, ok := headSize(payload)
	if !ok {
		return errNoHead
	}
	block := payload[4+size:]
	return l.tell(c, payload[4:4+size], int64(len(block)), block)
}

// tell tells the receiver of a whole response.
func (l *lane) tell(c *call, head []byte, length int64, blocks ...[]byte) error {
	h, err := decodeKnown(&l.latest, head)
	if err != nil {
		return err
	}
	to := c.receiver
	c.receiver = nil
	l.inHand--
	l.whole = wsgi.Whole{Status: h.status, Headers: h.headers, Blocks: append(l.whole.Blocks[:0], blocks...), Length: length}
	to.Answered(&l.whole)
	return nil
}

// whole are the frames of a mailbox, if they are a whole response.
func (m *mailbox) whole() (head []byte, length int64, blocks [][]byte, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	length = -1
	for rest := m.arrived; len(rest) > 0; {
		var f frame
		f, rest = cutFrame(rest)
		switch {
		case f.kind == kindStartResponse && head == nil:
			head = f.payload
		case f.kind == kindReturned && len(f.payload) == 8:
			length = int64(binary.LittleEndian.Uint64(f.payload))
		case f.kind == kindChunk && len(f.payload) > 0:
			blocks = append(blocks, f.payload)
		case f.kind == kindEnd && len(f.payload) == 0 && len(rest) == 0:
			return head, length, blocks, head != nil
		default:
			return nil, 0, nil, false
		}
	}
	return nil, 0, nil, false
}

// hasMail notes that something has come for a call, or that nothing more will.
func (l *lane) hasMail(c *call) {
	l.mu.Lock()
	l.mail = append(l.mail, c)
	first := len(l.mail) == 1
	l.mu.Unlock()
	if first {
		ring(l.pool.config.Bell)
	}
}

// open looks into the mailbox of a call. It may be told twice of the same.
func (l *lane) open(c *call) {
	if c.receiver == nil {
		return
	}
	kind, failed := c.mail()
	switch {
	case kind == kindAnswer:
		c.setLane(nil)
		f, err := c.next()
		if err == nil {
			err = l.answer(c, f.payload)
		}
		if err != nil {
			l.waits(c) // it broke the protocol: whoever goes on says so
			return
		}
		c.release()
	case kind != 0, failed:
		if head, length, blocks, ok := c.whole(); ok && l.tell(c, head, length, blocks...) == nil {
			c.release()
			return
		}
		l.waits(c)
	}
}

// waits leaves a call to a goroutine.
func (l *lane) waits(c *call) {
	to := c.receiver
	if to == nil {
		return
	}
	c.receiver = nil
	l.inHand--
	to.Waits(&rest{c})
}

// rest is what is left of a call, as an application.
type rest struct{ call *call }

// Call implements wsgi.Application.
func (r *rest) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	c := r.call
	c.environ, c.startResponse = environ, startResponse
	c.setLane(nil)
	iterable, err := c.serve()
	if err == errNotStarted {
		return c.pool.call(c)
	}
	return iterable, err
}

// headSize is how many bytes of an ANSWER are its head.
func headSize(payload []byte) (size int, ok bool) {
	if len(payload) < 4 {
		return 0, false
	}
	size = int(binary.LittleEndian.Uint32(payload))
	return size, size <= len(payload)-4
}

// ring wakes the loop.
func ring(bell *os.File) {
	if bell != nil {
		bell.Write([]byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}
