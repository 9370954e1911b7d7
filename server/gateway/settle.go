package gateway

import (
	"errors"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
	"glasswsgi/server/gateway/token"
)

// How an exchange begins and ends; exchange.go has what is between.

func newExchange(c *connection) *exchange {
	x := &exchange{connection: c, server: c.server, first: c.exchange == nil, request: &parser.Request{}}
	c.watch.Exchange = 0
	x.response = wsgi.NewResponse(&x.out, &c.watch)
	x.body = body{in: &c.in, bounds: &c.server.Config, reply: x.out.reply, length: token.Unknown}
	x.body.spool.Presence = c.presence
	x.out = assembler{socket: c.socket, watch: &c.watch, dialect: c.in.dialect, server: c.server, body: &x.body, unsent: c.unsent[:0]}
	return x
}

// fail ends an exchange that went wrong: with a response that says so, or, where another has begun, by cutting it off.
func (x *exchange) fail(err error) {
	fault := front.FaultOf(err, x.server.Debug)
	if x.body.err != nil && !x.response.HeadSent() && fault.Side != front.Nobody {
		fault = front.FaultOf(x.body.err, x.server.Debug) // the application failed over a content that was broken off
	}
	x.connection.watch.Failed(fault)
	x.server.LogFault(fault, x.request, &x.connection.facts)
	keep := x.out.keep
	x.out.keep = false
	switch {
	case errors.Is(err, errAborted) && !x.response.HeadSent():
		x.endAborted()
	case x.response.Complete() && fault.Status != 0: // as many bytes as were promised: the web server has what it needs
		x.out.keep = keep
		x.out.keep = x.out.SendEnd() == nil && keep
	case x.response.HeadSent():
		x.out.flush()
		x.out.truncated = true
	case fault.Status != 0 && x.connection.in.dialect.canAnswer():
		x.sendOwnResponse(fault)
	}
}

// endAborted: "After receiving {FCGI_ABORT_REQUEST, R}, the application responds as soon as possible with
// {FCGI_END_REQUEST, R, …}" (FastCGI §5.4).
func (x *exchange) endAborted() {
	x.out.unsent = x.out.unsent[:0]
	x.body.ended, x.body.err = true, nil
	x.out.keep = x.out.dialect.Keeps() && x.out.SendEnd() == nil && !x.server.open.Stopping()
}

// sendOwnResponse tells the web server of a fault. One that broke its protocol is not listened to any more: the meaning of
// its next bytes is unknown.
func (x *exchange) sendOwnResponse(fault front.Fault) {
	head, text := fault.Response()
	head.Bodiless = x.response.Bodiless
	broken := fault.Side == front.Peer
	x.body.err = nil // this response is the answer to it
	x.out.unsent = x.out.unsent[:0]
	if x.out.SendHead(head) != nil {
		return
	}
	x.out.keep = x.out.keep && !broken
	if !head.WithoutBody() && x.out.SendBody([]byte(text)) != nil {
		return
	}
	x.out.SendEnd()
}

// settle finds the connection in a state in which another request can follow, or says that none can.
func (x *exchange) settle() (keep bool) {
	x.log()
	x.connection.presence.WaitsForPeer() // to read on, or to take our last words
	if !x.out.keep {
		x.body.release()
		x.lastWords()
		return false
	}
	drained := x.body.drain()
	x.body.release()
	if !drained {
		x.connection.socket.Linger()
	}
	return drained
}

// log tells the access log.
func (x *exchange) log() {
	if x.server.Access == nil || x.out.status == 0 {
		return
	}
	entry := front.NewAccessEntry(x.request, &x.connection.facts, x.begun)
	entry.Status, entry.Headers, entry.BodyBytes = x.out.status, x.out.headers, x.out.bodySent
	if e := x.environ; e != nil {
		if address := e.Value("REMOTE_ADDR"); address != "" {
			entry.RemoteAddr = address
		}
		entry.RequestLine = requestLine(e)
		entry.Field, entry.Variable = func(name string) string { return fieldOf(e, name) }, e.Value
	}
	x.server.Access(entry)
}

// lastWords closes in the way that lets the web server read what was sent, before a reset would destroy it, and see what
// was not.
func (x *exchange) lastWords() {
	switch {
	case x.out.status == 0: // nothing was sent
	case x.out.truncated:
		x.connection.socket.ResetOnClose()
	case !x.body.ended: // more may be on its way
		x.connection.socket.Linger()
	}
}
