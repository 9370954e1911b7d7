//go:build linux

package loop

import (
	"context"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// Available says that this system has what the loop needs.
const Available = true

// Loop serves one application on any number of listeners. What it hands over is served by the Server in it.
type Loop struct {
	*server.Server
	epoll     int
	spare     int // a descriptor for conn; -1: there is none
	rings     int // the bell's descriptor
	lane      wsgi.Lane
	sockets   []*connection // by descriptor
	listeners []*listener   // the same
	events    [mostEvents]unix.EpollEvent
	buffer    [readBuffer]byte
	waiting   []*connection // have a request that the application has not taken
	answered  []*connection // have a response that was not sent
	isNew     bool          // among those that wait are some that were not offered yet
	queued    atomic.Int64  // len(waiting), for others
	latest    knownHead
	fresh     idle // have sent nothing yet
	kept      idle // may send another request
	last      idle // the same, while the server stops
	now       time.Time
	has       int         // so many connections
	at        *connection // that something is done for: see survive
	eager     int         // how often looking in vain may still be tried before we sleep at once
	looked    time.Time   // when we last looked for responses

	mu    sync.Mutex
	todo  []func() // by other goroutines, for the loop
	begun sync.Once
	over  chan struct{} // closed when the loop has ended
	ends  bool          // the loop's

	visits visits
}

// NewBell makes what wakes a Loop.
func NewBell() (*os.File, error) {
	descriptor, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("eventfd2", err)
	}
	return os.NewFile(uintptr(descriptor), "bell"), nil
}

// New makes a server with an event loop. The application should be a wsgi.Express that rings the Config's Bell; others are
// served by goroutines alone.
func New(config server.Config) *Loop {
	l := &Loop{Server: server.New(config), over: make(chan struct{})}
	l.visits.left = make(chan struct{}, 1)
	l.fresh.wait, l.kept.wait, l.last.wait = l.ReadTimeout, l.KeepAlive, front.LastCall
	return l
}

// Serve accepts connections until ctx ends, or Shutdown is called, and returns nil then. Connections go on.
func (l *Loop) Serve(ctx context.Context, socket net.Listener) error {
	l.begun.Do(l.start)
	raw, ok := socket.(syscall.Conn)
	if !ok || l.lane == nil {
		return l.Server.Serve(ctx, socket)
	}
	listener, err := newListener(raw, socket.Addr())
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	l.do(func() { failed <- l.listen(listener) })
	if err := <-failed; err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-l.over:
		return nil
	}
	closed := make(chan struct{})
	l.do(func() { l.unlisten(listener); close(closed) })
	select {
	case <-closed:
	case <-l.over:
	}
	return nil
}

// Shutdown implements front.Front.
func (l *Loop) Shutdown(ctx context.Context) error {
	l.begun.Do(func() {})
	if l.lane == nil {
		return l.Server.Shutdown(ctx)
	}
	unlistened := make(chan struct{}) // what is accepted until then is served
	l.do(func() { l.unlistenAll(); close(unlistened) })
	select {
	case <-unlistened:
	case <-l.over:
	}
	err := l.Server.Shutdown(ctx)
	l.do(func() { l.ends = true })
	<-l.over
	return err
}

// Waiting is how many requests the application has not taken yet.
func (l *Loop) Waiting() int { return int(l.queued.Load()) }

// start begins the loop, where the application can be asked by one.
func (l *Loop) start() {
	express, ok := l.Application.(wsgi.Express)
	if !ok || l.Bell == nil || l.ProxyProtocol {
		return
	}
	lane := express.Lane()
	if lane == nil {
		return
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		l.Log.Warn("no event loop: goroutines serve", "error", os.NewSyscallError("epoll_create1", err))
		return
	}
	l.epoll, l.lane, l.rings = epoll, lane, int(l.Bell.Fd())
	l.keepSpare()
	l.add(l.rings)
	if near, ok := lane.(wsgi.NearLane); ok {
		near.Lend(l.visit)
	}
	go l.run()
}

// run is the loop: wait until something is ready, read all of it, offer all requests to the application, and send all
// responses. It gives way to visitors.
func (l *Loop) run() {
	runtime.LockOSThread()
	defer close(l.over)
	defer unix.Close(l.epoll)
	defer func() { unix.Close(l.spare) }() // which is another one than now, if it was needed
	for {
		l.visits.turns.Lock()
		goesOn := l.turnUntil(l.visits.wanted.Load)
		l.visits.turns.Unlock()
		if !goesOn {
			return
		}
		l.visits.awaitAbsence()
	}
}

// turn is what the loop does between two waits.
func (l *Loop) turn() {
	defer l.survive()
	n := l.wait()
	l.now = time.Now()
	rung := l.readAll(n)
	for n > 0 && len(l.waiting) < enough { // more may have come meanwhile: let the application be told once
		if n = l.look(); n > 0 {
			rung = l.readAll(n) || rung
		}
	}
	if rung {
		l.doTodo()
	}
	if rung || l.now.Sub(l.looked) >= lookInterval {
		l.lane.Collect(rung)
		l.looked = l.now
	}
	l.offer()
	l.queued.Store(int64(len(l.waiting)))
	l.lane.Send()
	l.sendAnswers()
	l.closeSilent()
}

// survive ends one connection, and not the server, after a bug in our own code.
func (l *Loop) survive() {
	bug := recover()
	if bug == nil {
		return
	}
	l.LogPanic(bug, debug.Stack())
	if l.at != nil && l.at.mine() {
		l.at.close()
	}
	l.at = nil
}

// readAll reads what is ready. It says whether the bell rang.
func (l *Loop) readAll(n int) (rung bool) {
	for _, e := range l.events[:n] {
		rung = l.ready(int(e.Fd)) || rung
	}
	return rung
}

// ready does what can be done with a descriptor. It says whether that is the bell.
func (l *Loop) ready(descriptor int) (rung bool) {
	if descriptor == l.rings {
		var count [8]byte
		read(descriptor, count[:])
		return true
	}
	if c := l.sockets[descriptor]; c != nil {
		c.readable()
	} else if listener := l.listeners[descriptor]; listener != nil {
		l.accept(listener)
	}
	return false
}

// do has the loop do something.
func (l *Loop) do(what func()) {
	l.mu.Lock()
	l.todo = append(l.todo, what)
	l.mu.Unlock()
	l.ring()
}

// ring wakes the thread that runs the loop.
func (l *Loop) ring() { l.Bell.Write([]byte{1, 0, 0, 0, 0, 0, 0, 0}) }

func (l *Loop) doTodo() {
	l.mu.Lock()
	todo := l.todo
	l.todo = nil
	l.mu.Unlock()
	for _, what := range todo {
		what()
	}
}
