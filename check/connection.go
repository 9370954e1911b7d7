package check

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"glasswsgi/check/peer"
)

// endTime is how soon after a response a connection must end to count as closed. Some servers close a connection that
// is only idle after two seconds.
const endTime = 1500 * time.Millisecond

// connection is one socket to the server. Whatever comes is received at once, and kept.
type connection struct {
	conversation *conversation
	name         string
	number       int // of those that were opened, from 1
	socket       *net.TCPConn
	changed      chan struct{} // something has arrived, or the end has

	mu   sync.Mutex
	data []byte // all that was received
	end  error  // io.EOF, or what broke the connection; nil as long as it is open

	read, seen int // what the steps have read of data, and what they know to be there

	sent     []byte // all that was sent
	answered int    // how much of sent has got its response
}

func (v *conversation) connect(name string) (*connection, error) {
	socket, err := v.dial()
	var failed *peer.LaunchError
	switch {
	case errors.As(err, &failed):
		return nil, err
	case err != nil:
		return nil, &Failure{Text: say("cannot connect: %s", err)}
	}
	v.opened++
	c := &connection{conversation: v, name: name, number: v.opened, socket: socket.(*net.TCPConn), changed: make(chan struct{}, 1)}
	v.receiving.Go(c.receive)
	return c, nil
}

func (v *conversation) dial() (net.Conn, error) {
	if v.server != nil {
		return v.server.Connect(v.timeout, v.starting)
	}
	return net.DialTimeout("tcp", v.address, v.timeout)
}

// receive keeps all that comes, until the connection ends.
func (c *connection) receive() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.socket.Read(buffer)
		c.mu.Lock()
		c.data = append(c.data, buffer[:n]...)
		c.end = err
		c.conversation.saw(c, Received, buffer[:n]) // before a step can answer to it
		c.mu.Unlock()
		switch {
		case errors.Is(err, io.EOF):
			c.note(say("the server closed its side of the connection"))
		case errors.Is(err, net.ErrClosed): // we did
		case err != nil:
			c.note(say("the connection broke: %s", err))
		}
		select {
		case c.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (c *connection) note(text Phrase) { c.conversation.note(c.name, text) }

// await waits until done, which may look at data and end, and says whether it came to that.
func (c *connection) await(limit time.Duration, done func() bool) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		c.mu.Lock()
		isDone := done()
		c.mu.Unlock()
		if isDone {
			return true
		}
		select {
		case <-c.changed:
		case <-timer.C:
			return false
		}
	}
}

func (c *connection) received() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.data
}

func (c *connection) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end
}

// ending tells why no more bytes came.
func (c *connection) ending() Phrase {
	switch err := c.ended(); {
	case err == nil:
		return say("nothing more came within %s", c.conversation.timeout)
	case errors.Is(err, io.EOF):
		return say("the server closed the connection")
	default:
		return say("the connection broke: %s", err)
	}
}

// send says whether the bytes could be sent.
func (c *connection) send(text []byte) bool {
	c.conversation.saw(c, Sent, text)
	c.sent = append(c.sent, text...)
	c.socket.SetWriteDeadline(time.Now().Add(c.conversation.timeout))
	if _, err := c.socket.Write(text); err != nil {
		c.note(say("not all of it could be sent: %s", err))
		return false
	}
	return true
}

func (c *connection) halfClose() {
	c.note(say("closed our side of the connection"))
	c.socket.CloseWrite()
}

func (c *connection) close() {
	c.note(say("closed the connection"))
	c.socket.Close()
}

func (c *connection) reset() {
	c.note(say("reset the connection"))
	c.socket.SetLinger(0)
	c.socket.Close()
}

// expectEnd waits for the end of the connection, which must come soon, and before any other byte.
func (c *connection) expectEnd() error {
	c.await(endTime, func() bool { return c.end != nil || len(c.data) > c.read })
	switch {
	case len(c.received()) > c.read:
		return c.wrongAt(c.read, say("the connection should have ended here"))
	case c.ended() == nil:
		return &Failure{Text: say("the server did not close the connection within %s", endTime)}
	}
	return nil
}

// wrongAt is the failure that begins at an offset of what was received.
func (c *connection) wrongAt(offset int, text Phrase) *Failure {
	data := c.received()
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	end := len(data)
	if i := bytes.IndexByte(data[offset:], '\n'); i >= 0 {
		end = offset + i + 1
	}
	return &Failure{Text: text, Got: data[start:end], At: offset - start}
}
