package load

import (
	"container/heap"
	"context"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// loop drives all connections from one thread: epoll says which sockets have something, and none of them waits for
// another. A request costs a read, a write and its part of a wait. What a generator costs beyond that is taken from the
// server beside it, and hides how servers differ.
type loop struct {
	plan    *Plan
	address unix.Sockaddr
	family  int
	request []byte
	epoll   int
	sockets []*socket
	buffer  []byte
	events  []unix.EpollEvent

	// of a run:
	begun   time.Time
	pace    *pace
	result  Result
	late    Latencies
	running int           // sockets that ask, or will
	free    []*socket     // whose request is due
	waiting waiting       // sockets with nothing to do before a time
	looked  time.Duration // when patience was looked at
	every   time.Duration // until it is again
}

// Cores are those that the generator can use.
func Cores() int { return 1 }

// eventsAtOnce are taken from epoll.
const eventsAtOnce = 256

// connect makes the connections of a plan, which are opened when they are first needed.
func connect(p *Plan) (connections, error) {
	address, err := net.ResolveTCPAddr("tcp", p.Address)
	if err != nil {
		return nil, err
	}
	l := &loop{plan: p, request: request(p), buffer: make([]byte, readBuffer),
		events: make([]unix.EpollEvent, eventsAtOnce), every: min(lookEvery, p.Patience)}
	l.address, l.family = socketAddress(address)
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	for i := range p.Connections {
		l.sockets = append(l.sockets, &socket{number: int32(i), descriptor: none, answer: answer{plan: p}})
	}
	return l, nil
}

func socketAddress(a *net.TCPAddr) (unix.Sockaddr, int) {
	if four := a.IP.To4(); four != nil || a.IP == nil {
		s := &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte{127, 0, 0, 1}}
		copy(s.Addr[:], four)
		return s, unix.AF_INET
	}
	s := &unix.SockaddrInet6{Port: a.Port}
	copy(s.Addr[:], a.IP.To16())
	if zone, err := net.InterfaceByName(a.Zone); err == nil {
		s.ZoneId = uint32(zone.Index)
	}
	return s, unix.AF_INET6
}

func (l *loop) close() {
	for _, s := range l.sockets {
		s.close()
	}
	unix.Close(l.epoll)
}

// run goes round until no socket has a request, or will have one.
func (l *loop) run(ctx context.Context, p *pace) Result {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l.begun, l.pace, l.result, l.late, l.looked = time.Now(), p, newResult(), NewLatencies(), 0
	l.running, l.free, l.waiting = len(l.sockets), nil, nil
	for _, s := range l.sockets {
		l.next(s, l.now())
	}
	l.askAll()
	for l.running > 0 && ctx.Err() == nil {
		for _, event := range l.wait() {
			s := l.sockets[event.Fd]
			if event.Events&^unix.EPOLLOUT != 0 {
				l.receive(s)
			}
			if event.Events&unix.EPOLLOUT != 0 && s.asks {
				l.send(s)
			}
		}
		l.wake()
		l.askAll()
		l.giveUp()
	}
	l.result.Late = l.late.At(0.99)
	l.result.Elapsed = l.now()
	p.missing(&l.result)
	return l.result
}

func (l *loop) now() time.Duration { return time.Since(l.begun) }

// wait returns what is ready, as soon as something is, a time has come, or a look at the patience is due.
func (l *loop) wait() []unix.EpollEvent {
	patience := l.every
	if len(l.waiting) > 0 {
		// epoll counts milliseconds, which is too coarse for a rate.
		left := unix.NsecToTimespec(int64(min(max(l.waiting[0].from-l.now(), 0), l.every)))
		unix.Ppoll([]unix.PollFd{{Fd: int32(l.epoll), Events: unix.POLLIN}}, &left, nil)
		patience = 0
	}
	n, _ := epollWait(l.epoll, l.events, int(min(patience, soon).Milliseconds())) // EINTR: a signal
	if n == 0 && patience > 0 {
		n, _ = unix.EpollWait(l.epoll, l.events, int(patience.Milliseconds()))
	}
	return l.events[:max(n, 0)]
}

// soon is how long the loop waits without giving its processor to other goroutines.
const soon = time.Millisecond

// next gives a socket that is free its next request, if there is one.
func (l *loop) next(s *socket, now time.Duration) {
	due, ok := l.pace.next(now)
	switch {
	case !ok:
		l.running--
	case due > now:
		s.from, s.paused = due, false
		heap.Push(&l.waiting, s)
	default:
		s.from = due
		l.free = append(l.free, s)
	}
}

// askAll has the free sockets ask. All answers are read before: requests that come in one go wake the server once.
func (l *loop) askAll() {
	for _, s := range l.free {
		if l.pace.rate == 0 {
			s.from = l.now()
		}
		l.ask(s)
	}
	l.free = l.free[:0]
}

// wake goes on with the sockets whose time has come.
func (l *loop) wake() {
	for len(l.waiting) > 0 {
		now := l.now()
		if l.waiting[0].from > now {
			return
		}
		s := heap.Pop(&l.waiting).(*socket)
		if s.paused {
			l.next(s, now)
			continue
		}
		l.late.Add(now - s.from)
		l.ask(s)
	}
}

// finish counts an answer, or the error that came instead of it.
func (l *loop) finish(s *socket, err error) {
	now := l.now()
	l.result.count(now-s.from, s.answer.content+l.plan.Upload, err)
	s.asks = false
	if err != nil || !s.answer.keeps() || s.sent < l.length() {
		s.close()
	}
	if err == nil {
		s.failures = 0
		l.next(s, now)
		return
	}
	s.failures++
	s.from, s.paused = now+pauseAfter(s.failures), true
	heap.Push(&l.waiting, s)
}

// lookEvery so often it is seen who waits for longer than the plan's patience.
const lookEvery = time.Second

func (l *loop) giveUp() {
	now := l.now()
	if now < l.looked+l.every {
		return
	}
	l.looked = now
	for _, s := range l.sockets {
		if s.asks && now-s.asked > l.plan.Patience {
			l.finish(s, unix.ETIMEDOUT)
		}
	}
}

// waiting is a heap of sockets, the one with the earliest time first.
type waiting []*socket

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return w[i].from < w[j].from }
func (w waiting) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *waiting) Push(s any)        { *w = append(*w, s.(*socket)) }
func (w *waiting) Pop() any {
	last := len(*w) - 1
	s := (*w)[last]
	*w = (*w)[:last]
	return s
}
