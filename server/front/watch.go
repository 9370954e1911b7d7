package front

import (
	"net"
	"sync/atomic"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Observers are those that see the Steps of a server: the one of its Config, and one that may come and go.
type Observers struct {
	first Observer
	late  atomic.Pointer[Observer]
}

// NewObservers begins with the observer of a Config, which may be nil.
func NewObservers(first Observer) *Observers { return &Observers{first: first} }

// SetObserver lets another observer in beside that of the Config, at any time; nil lets it go. Steps that are being
// shown meanwhile may still reach the one before.
func (o *Observers) SetObserver(late Observer) {
	if late == nil {
		o.late.Store(nil)
		return
	}
	o.late.Store(&late)
}

// Unseen says that no observer is attached.
func (o *Observers) Unseen() bool { return o.first == nil && o.late.Load() == nil }

// Watch tells the observers what happens on one connection, in the order in which it happens, on the goroutine that serves
// it. Its methods make the Steps. With no observer each costs a nil check and an atomic load, and nothing else. It is a
// wsgi.Watcher, too: the conversation with the application is a part of what happens.
type Watch struct {
	Connection uint64 // its number
	Exchange   uint64 // the current one's, 0 while there is none

	observers *Observers
	clock     *Clock
	sending   time.Duration // spent on writing since the last step: see Step
}

// NewWatch is for the connection that a clock belongs to.
func NewWatch(observers *Observers, clock *Clock, connection uint64) Watch {
	return Watch{Connection: connection, observers: observers, clock: clock}
}

// Unseen says that no observer is attached.
func (w *Watch) Unseen() bool { return w.observers.Unseen() }

// Step shows a step to the observers. The connection's clock stands still meanwhile.
func (w *Watch) Step(s Step) {
	s.Connection, s.Exchange = w.Connection, w.Exchange
	s.Sending, w.sending = w.sending, 0
	begun := time.Now()
	if w.observers.first != nil {
		w.observers.first(s)
	}
	if late := w.observers.late.Load(); late != nil {
		(*late)(s)
	}
	w.clock.hold(begun)
}

// Sent counts the time that the socket has taken for bytes, for the next step to tell.
func (w *Watch) Sent(took time.Duration) {
	if !w.Unseen() {
		w.sending += took
	}
}

// Accepted begins a connection.
func (w *Watch) Accepted(peer net.Addr) {
	if !w.Unseen() {
		w.Step(Step{Stage: Accept, Name: "accept", Spec: "RFC 9112 §9", Value: peer})
	}
}

// TakenOver shows what a proxy says of the connection.
func (w *Watch) TakenOver(data []byte, header ProxyHeader) {
	if !w.Unseen() {
		w.Step(Step{Stage: Accept, Name: "proxy-header", Spec: "PROXY protocol §2", Bytes: data, Value: header})
	}
}

// Received is told where in the message the received bytes begin.
func (w *Watch) Received(start int, data []byte) {
	if !w.Unseen() {
		w.Step(ReceiveStep(start, data))
	}
}

// Parsed shows what the parser has found.
func (w *Watch) Parsed(e parser.Event, request *parser.Request) {
	if !w.Unseen() {
		w.Step(ParseStep(e, request))
	}
}

// Derived shows the environ, which an observer may change before the application gets it.
func (w *Watch) Derived(environ *wsgi.Environ) {
	if !w.Unseen() {
		w.Step(EnvironStep(environ))
	}
}

// Assembled shows the lines of a response's head, which begins at byte `start` of the response.
func (w *Watch) Assembled(start int, head []byte) {
	if !w.Unseen() {
		HeadSteps(start, head, w.Step)
	}
}

// Responds shows the head as the application left it, and returns what the observer made of it.
func (w *Watch) Responds(head wsgi.Head) wsgi.Head {
	if w.Unseen() {
		return head
	}
	shown := head
	w.Step(Step{Stage: Respond, Name: "head", Spec: "RFC 9112 §2.1", Value: &shown})
	return shown
}

// Sends shows bytes that are about to leave: what waited, and parts after it.
func (w *Watch) Sends(start int, waited []byte, parts ...[]byte) {
	if !w.Unseen() {
		w.Step(SendStep(start, append([][]byte{waited}, parts...)...))
	}
}

// Failed shows a fault.
func (w *Watch) Failed(f Fault) {
	switch {
	case w.Unseen():
	case f.Refused:
		w.Step(RefusalStep(f.Err))
	case f.Side == Application, f.Side == Runtime:
		w.Step(Step{Stage: Call, Name: "failed", Spec: `PEP 3333 "Error Handling"`, Value: f.Err})
	}
}

// Ended shows the end of an exchange: whether its connection is kept for another.
func (w *Watch) Ended(keep bool) {
	if !w.Unseen() {
		w.Step(EndStep(keep))
	}
}

// Called implements wsgi.Watcher.
func (w *Watch) Called() {
	if !w.Unseen() {
		w.Step(Step{Stage: Call, Name: "call", Spec: `PEP 3333 "The Application/Framework Side"`})
	}
}

// Started implements wsgi.Watcher.
func (w *Watch) Started(status string, headers []wsgi.Header, err error) {
	if w.Unseen() {
		return
	}
	step := Step{Stage: Call, Name: "start_response", Spec: `PEP 3333 "The start_response() Callable"`,
		Value: &wsgi.Head{Status: status, Headers: headers, Length: -1}}
	if err != nil {
		step.Value = err
	}
	w.Step(step)
}

// Returned implements wsgi.Watcher.
func (w *Watch) Returned(iterable wsgi.Iterable) {
	if !w.Unseen() {
		w.Step(Step{Stage: Call, Name: "iterable", Spec: `PEP 3333 "The Application/Framework Side"`, Value: iterable})
	}
}

// Yielded implements wsgi.Watcher.
func (w *Watch) Yielded(block []byte) {
	if !w.Unseen() {
		w.Step(Step{Stage: Call, Name: "block", Spec: `PEP 3333 "Buffering and Streaming"`, Bytes: block})
	}
}

// Wrote implements wsgi.Watcher.
func (w *Watch) Wrote(block []byte) {
	if !w.Unseen() {
		w.Step(Step{Stage: Call, Name: "write()", Spec: `PEP 3333 "The write() Callable"`, Bytes: block})
	}
}

// Closes implements wsgi.Watcher.
func (w *Watch) Closes() {
	if !w.Unseen() {
		w.Step(Step{Stage: Call, Name: "close()", Spec: `PEP 3333 "Specification Details"`})
	}
}

var _ wsgi.Watcher = (*Watch)(nil)
