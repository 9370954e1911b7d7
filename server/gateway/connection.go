package gateway

import (
	"io"
	"runtime/debug"
	"time"

	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/token"
)

// keptTime is how long a kept connection waits for the next request. Whether it is kept is the web server's business:
// "the Web server retains responsibility for the connection" (FastCGI §5.1). A time-out of HTTP's length would close many
// in the moment in which the web server sends something; this one is for a web server that is gone without a word.
const keptTime = time.Hour

// connection is one TCP or Unix connection and the requests that come over it, one after the other.
type connection struct {
	server   *Server
	presence *front.Presence
	socket   *front.Socket
	watch    front.Watch
	facts    wsgi.Connection
	in       receiver
	unsent   []byte // what responses are assembled in
	exchange *exchange
}

func newConnection(s *Server, presence *front.Presence) *connection {
	c := &connection{server: s, presence: presence, socket: front.NewSocket(presence.Conn)}
	c.watch = front.NewWatch(s.Observers, &c.socket.Clock, s.connections.Add(1))
	limits := token.Limits{Content: s.Limits.Body}
	c.in = receiver{socket: c.socket, watch: &c.watch, dialect: s.protocol.speak(limits, &s.Config), buffer: make([]byte, readBuffer)}
	return c
}

// serve is the life of a connection: exchanges, until one says that it was the last.
func (c *connection) serve() {
	defer c.presence.End()
	defer c.socket.Conn.Close()
	defer c.survive()
	c.facts = c.server.Facts(c.socket.Conn)
	c.watch.Accepted(c.socket.Conn.RemoteAddr())
	c.exchange = newExchange(c)
	for c.exchange.serve() {
		c.unsent = c.exchange.out.unsent
		c.in.nextRequest()
		c.exchange = newExchange(c)
	}
}

// survive ends this connection, and not the server, after a bug in our own code. A response that has begun must not look
// whole.
func (c *connection) survive() {
	if bug := recover(); bug != nil {
		c.server.LogPanic(bug, debug.Stack())
		if c.exchange != nil && c.exchange.out.status != 0 {
			c.socket.ResetOnClose()
		}
	}
}

// awaitRequest waits for the first bytes of a request, or of something else that has to be answered before.
func (c *connection) awaitRequest() error {
	c.presence.WaitsForPeer()
	wait := keptTime
	if c.exchange.first {
		wait = c.server.ReadTimeout
	}
	wait = c.presence.BeginIdle(wait)
	defer c.presence.EndIdle()
	if c.in.receive(c.socket.Now().Add(wait)) != nil {
		return front.ErrNoRequest
	}
	return nil
}

// receiveHead takes tokens until the variables are complete. The head has one deadline, from its first byte: a byte now
// and then does not prolong it. A question of the web server's that needs no application is answered meanwhile, and is no
// request.
func (c *connection) receiveHead(reply func(token.Event) error) (variables []token.Variable, err error) {
	var deadline time.Time // zero: no request has begun
	for {
		event, err := c.in.next()
		if err == nil && deadline.IsZero() && begins(event.Kind) {
			c.begin()
			deadline = c.exchange.begun.Add(c.server.ReadTimeout)
		}
		switch {
		case err != nil:
		case event.Kind == token.NeedData && deadline.IsZero():
			err = c.awaitRequest()
		case event.Kind == token.NeedData:
			err = c.in.receive(deadline)
		case event.Kind == token.GotReply:
			deadline = time.Time{}
			err = reply(event)
		case event.Kind == token.GotVariable:
			variables = append(variables, event.Variable)
		case event.Kind == token.GotHead:
			return variables, nil
		case event.Kind == token.GotAbort:
			err = &front.PeerError{Err: errAborted}
		}
		if err == io.EOF { // between two requests
			err = front.ErrNoRequest
		}
		if err != nil {
			return variables, err
		}
	}
}

// begins says that a token is the first one of a request, where none has begun: the padding of a question is not.
func begins(kind token.Kind) bool {
	return kind != token.NeedData && kind != token.GotReply && kind != token.GotSkipped
}

// begin begins an exchange.
func (c *connection) begin() {
	if c.watch.Exchange == 0 {
		c.watch.Exchange = c.server.exchanges.Add(1)
	}
	c.exchange.begun = c.socket.Now()
}
