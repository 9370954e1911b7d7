package server

import (
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// How an exchange begins and ends; exchange.go has what is between.

func newExchange(c *connection) *exchange {
	x := &exchange{connection: c, server: c.server, first: c.exchange == nil && !c.kept, request: c.in.parser.Request()}
	c.watch.Exchange = 0
	x.response = wsgi.NewResponse(&x.out, &c.watch)
	x.body = body{in: &c.in, request: x.request, bounds: &c.server.Config, buffers: earlyBuffers}
	x.body.spool.Presence = c.presence
	x.out = assembler{socket: c.socket, watch: &c.watch, server: c.server, request: x.request, body: &x.body, unsent: c.assembled}
	return x
}

// fail ends an exchange that went wrong: with a response that says so, or, where another has begun, by cutting it off.
func (x *exchange) fail(err error) {
	fault := front.FaultOf(err, x.server.Debug)
	if x.body.err != nil && !x.response.HeadSent() && fault.Side != front.Nobody {
		fault = front.FaultOf(x.body.err, x.server.Debug) // the application failed over a body that the peer broke
	}
	x.connection.watch.Failed(fault)
	x.server.LogFault(fault, x.request, &x.connection.facts)
	keep := x.out.keep
	x.out.keep = false
	switch {
	case x.response.Complete() && fault.Status != 0: // as many bytes as were promised: the peer has what it needs
		x.out.keep = x.out.SendEnd() == nil && keep
	case x.response.HeadSent():
		x.out.flush()
		x.out.truncated = x.out.framing == front.ByClose
	case fault.Status != 0:
		x.sendOwnResponse(fault)
	}
}

// sendOwnResponse tells the peer of a fault. After one in reading the request, nothing more is read: the meaning of the
// next bytes is unknown.
func (x *exchange) sendOwnResponse(fault front.Fault) {
	head, text := fault.Response()
	head.Bodiless = x.response.Bodiless
	if fault.Side == front.Peer || fault.Side == front.Glass {
		x.request.KeepAlive = false
	}
	x.body.err = nil // this response is the answer to it
	if x.out.SendHead(head) == nil && x.out.framing != front.WithoutBody {
		x.out.SendBody([]byte(text))
	}
	x.out.flush()
}

// settle finds the connection in a state in which another request can follow, or says that none can.
func (x *exchange) settle() (keep bool) {
	if x.server.Access != nil && x.out.status != 0 {
		entry := front.NewAccessEntry(x.request, &x.connection.facts, x.begun)
		if x.origin.RemoteAddr != "" {
			entry.RemoteAddr = x.origin.RemoteAddr
		}
		entry.Status, entry.Headers, entry.BodyBytes = x.out.status, x.out.headers, x.out.bodySent
		x.server.Access(entry)
	}
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

// lastWords closes in the way that lets the peer read what was sent, and see what was not.
func (x *exchange) lastWords() {
	switch {
	case x.out.status == 0: // nothing was sent: a peer that left, or that sent nothing
	case x.out.truncated:
		x.connection.socket.ResetOnClose()
	case !x.body.ended, x.connection.in.more(): // more may be on its way
		x.connection.socket.Linger()
	}
}
