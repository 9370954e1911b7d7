package check

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"glasswsgi/check/client"
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
	bounded      *client.Conn  // the same, to be read
	changed      chan struct{} // something has arrived, or the end has

	mu   sync.Mutex
	data []byte    // all that was received
	end  error     // io.EOF, or what broke the connection, or a *client.LimitError; nil as long as it is open
	last time.Time // when bytes came

	deadline time.Time // of the answer that is read

	start      int // where the response begins that is read
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
	c := &connection{conversation: v, name: name, number: v.opened, socket: socket.(*net.TCPConn), bounded: client.Bound(socket, v.limits),
		changed: make(chan struct{}, 1)}
	c.begin()
	v.receiving.Go(c.receive)
	return c, nil
}

func (v *conversation) dial() (net.Conn, error) {
	if v.server != nil {
		return v.server.Connect(v.timeout, v.starting)
	}
	return net.DialTimeout("tcp", v.address, v.timeout)
}

// receive keeps all that comes, until the connection ends, or too much has come.
func (c *connection) receive() {
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.bounded.Read(buffer)
		c.mu.Lock()
		c.data = append(c.data, buffer[:n]...)
		c.end, c.last = err, time.Now()
		c.conversation.saw(c, Received, buffer[:n]) // before a step can answer to it
		c.mu.Unlock()
		var limit *client.LimitError
		switch {
		case errors.As(err, &limit):
			c.note(exceeded(limit))
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

// begin gives the next answer its time, however many bytes it comes in.
func (c *connection) begin() { c.deadline = time.Now().Add(c.conversation.timeout) }

// wait waits until done, as long as the answer may take.
func (c *connection) wait(done func() bool) bool { return c.await(time.Until(c.deadline), done) }

// await waits until done, which may look at data and end, and says whether it came to that.
func (c *connection) await(limit time.Duration, done func() bool) bool {
	if c.isDone(done) {
		return true
	}
	timer := time.NewTimer(max(limit, 0))
	defer timer.Stop()
	for {
		select {
		case <-c.changed:
			if c.isDone(done) {
				return true
			}
		case <-timer.C:
			return c.isDone(done)
		}
	}
}

func (c *connection) isDone(done func() bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return done()
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
	var limit *client.LimitError
	switch err := c.ended(); {
	case errors.As(err, &limit):
		return exceeded(limit)
	case err == nil && c.drips():
		return say("it had no end within %s", c.conversation.timeout)
	case err == nil:
		return say("nothing more came within %s", c.conversation.timeout)
	case errors.Is(err, io.EOF):
		return say("the server closed the connection")
	default:
		return say("the connection broke: %s", err)
	}
}

// drips says that bytes still come, and not that the server stopped in the middle.
func (c *connection) drips() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.data) > c.read && time.Since(c.last) < c.conversation.timeout/2
}

// closed says that the server ended the connection; a limit of ours is no end of its.
func (c *connection) closed() bool {
	var limit *client.LimitError
	err := c.ended()
	return err != nil && !errors.As(err, &limit)
}

// bare says that an answer has no status-line, as those of HTTP/0.9.
func (c *connection) bare() bool {
	text := c.received()[c.start:]
	return len(text) >= len("HTTP/") && !bytes.HasPrefix(text, []byte("HTTP/"))
}

func exceeded(limit *client.LimitError) Phrase {
	return say("more than %d bytes came, and no end: the rest was not read", limit.Bytes)
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
	case !c.closed():
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
