//go:build linux

package loop

import (
	"net"
	"os"

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

// resume leaves the connection to a goroutine.
func (c *connection) resume(u server.Under) {
	c.unwatch()
	c.leave()
	file := os.NewFile(uintptr(c.descriptor), "socket")
	conn, err := net.FileConn(file) // under another descriptor
	file.Close()
	if err != nil {
		c.loop.Log.Warn("closed a connection", "because", err)
		c.presence.End()
		return
	}
	c.presence.Becomes(conn)
	c.loop.Resume(c.presence, u)
}
