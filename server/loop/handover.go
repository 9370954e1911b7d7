//go:build linux

package loop

import (
	"net"
	"os"

	"golang.org/x/sys/unix"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
)

// handOver leaves the connection, and the request that has begun, to a goroutine. rest answers that request; nil: nobody
// has begun with it.
func (c *connection) handOver(rest wsgi.Application) {
	c.resume(server.Under{Received: append([]byte(nil), c.received...), Application: rest})
}

// gone is the Assembler of a response that nobody waits for any more.
type gone struct{}

var errGone = &front.PeerError{Err: net.ErrClosed}

func (gone) SendHead(wsgi.Head) error { return errGone }
func (gone) SendBody([]byte) error    { return errGone }
func (gone) SendEnd() error           { return errGone }

// abandon has the application hear that the peer is gone.
func (r *request) abandon(rest wsgi.Application) {
	go wsgi.Run(rest, r.environ, wsgi.NewResponse(gone{}, nil))
}

// resume leaves the connection to a goroutine.
func (c *connection) resume(u server.Under) {
	c.unwatch()
	c.leave()
	conn, err := c.loop.conn(c.descriptor)
	if err != nil {
		c.loop.Log.Warn("closed a connection", "because", err)
		c.presence.End()
		if u.Application != nil {
			c.current.abandon(u.Application)
		}
		return
	}
	c.presence.Becomes(conn)
	c.loop.Resume(c.presence, u)
}

// conn makes a connection of net's, which is under another descriptor. Where there is none left, the spare one is given up
// until the old one is closed.
func (l *Loop) conn(descriptor int) (net.Conn, error) {
	file := os.NewFile(uintptr(descriptor), "socket")
	conn, err := net.FileConn(file)
	if err != nil && l.spare >= 0 {
		unix.Close(l.spare)
		l.spare = -1
		conn, err = net.FileConn(file)
	}
	file.Close()
	if l.spare < 0 {
		l.keepSpare()
	}
	return conn, err
}

// keepSpare keeps a descriptor for conn, if there is one.
func (l *Loop) keepSpare() {
	var err error
	if l.spare, err = unix.FcntlInt(uintptr(l.epoll), unix.F_DUPFD_CLOEXEC, 0); err != nil {
		l.spare = -1
	}
}
