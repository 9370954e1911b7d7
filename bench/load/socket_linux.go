package load

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a connection of the loop, over one descriptor at a time.
type socket struct {
	number     int32
	descriptor int
	watched    uint32 // the events that epoll tells of
	answer     answer

	asks  bool          // a request is on its way, or its answer
	asked time.Duration // when patience began
	sent  int64         // bytes of the request

	from     time.Duration // when the request is due; or, while it is paused, when that is over
	paused   bool          // after a failure
	failures int           // one after the other
}

// none is no descriptor.
const none = -1

func (s *socket) close() {
	if s.descriptor != none {
		unix.Close(s.descriptor)
		s.descriptor = none
	}
}

// ask sends the request, over a new connection if need be.
func (l *loop) ask(s *socket) {
	s.asks, s.asked, s.sent = true, s.from, 0
	if l.pace.rate > 0 {
		s.asked = l.now()
	}
	s.answer.begin()
	if s.descriptor == none {
		if err := l.open(s); err != nil {
			l.finish(s, err)
			return
		}
	}
	l.send(s)
}

// open begins a connection. It is complete when it can be written to.
func (l *loop) open(s *socket) (err error) {
	s.descriptor, err = unix.Socket(l.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		s.descriptor = none
		return err
	}
	unix.SetsockoptInt(s.descriptor, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err = unix.Connect(s.descriptor, l.address); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return err
	}
	s.watched = unix.EPOLLIN
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, s.descriptor, &unix.EpollEvent{Events: s.watched, Fd: s.number})
}

// watch tells epoll what to tell of.
func (l *loop) watch(s *socket, events uint32) {
	if s.watched != events {
		s.watched = events
		unix.EpollCtl(l.epoll, unix.EPOLL_CTL_MOD, s.descriptor, &unix.EpollEvent{Events: events, Fd: s.number})
	}
}

// length is that of a request.
func (l *loop) length() int64 { return int64(len(l.request)) + l.plan.Upload }

var zeros [64 << 10]byte

// unsent is what comes next of a request.
func (l *loop) unsent(s *socket) []byte {
	if s.sent < int64(len(l.request)) {
		return l.request[s.sent:]
	}
	return zeros[:min(int64(len(zeros)), l.length()-s.sent)]
}

// writesAtOnce before the others have their turn.
const writesAtOnce = 4

// send sends what the socket takes of the request.
func (l *loop) send(s *socket) {
	for range writesAtOnce {
		n, err := write(s.descriptor, l.unsent(s))
		switch {
		case err == unix.EAGAIN || err == unix.EINTR:
			l.watch(s, unix.EPOLLIN|unix.EPOLLOUT)
			return
		case err != nil && s.sent > 0:
			l.watch(s, unix.EPOLLIN) // the server has ended it, and may have said why
			return
		case err != nil:
			l.finish(s, err)
			return
		}
		if s.sent += int64(n); s.sent == l.length() {
			l.watch(s, unix.EPOLLIN)
			return
		}
	}
	l.watch(s, unix.EPOLLIN|unix.EPOLLOUT)
}

// receive takes what has come.
func (l *loop) receive(s *socket) {
	n, err := read(s.descriptor, l.buffer)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
	case !s.asks:
		l.unasked(s, n)
	case err != nil:
		l.finish(s, err)
	case n == 0:
		l.finish(s, s.answer.end())
	default:
		if done, err := s.answer.feed(l.buffer[:n]); done || err != nil {
			l.finish(s, err)
		}
	}
}

// unasked is what comes on a connection on which nothing was asked: its end, or more than an answer announced.
func (l *loop) unasked(s *socket, n int) {
	if n > 0 {
		l.result.count(0, 0, errMore)
	}
	s.close()
}
