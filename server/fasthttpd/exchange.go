package fasthttpd

import (
	"runtime/debug"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// exchange is one request and its response.
//
// fasthttp sends a head only after its handler has returned, and an application may begin its body before it has
// returned from the call. So the whole of WSGI is a coroutine that is halted at each block: the first one is waited for
// in the handler, the others while fasthttp writes the body.
type exchange struct {
	server  *Server
	socket  *socket
	ctx     *fasthttp.RequestCtx
	begun   time.Time
	request *parser.Request

	origin   front.Origin
	body     body
	response *wsgi.Response
	out      assembler
	err      error // how respond ended
}

func (s *Server) newExchange(ctx *fasthttp.RequestCtx) *exchange {
	c := ctx.Conn().(*socket)
	x := &exchange{server: s, socket: c, ctx: ctx, begun: time.Now(), request: &c.request}
	x.body = body{socket: c, request: x.request, server: s}
	x.out.exchange = x
	x.response = wsgi.NewResponse(&x.out, nil)
	return x
}

// serve is the handler: fasthttp has received the head of a request. What it leaves in ctx.Response, fasthttp sends.
func (s *Server) serve(ctx *fasthttp.RequestCtx) {
	x := s.newExchange(ctx)
	defer x.survive()
	if err := x.receiveRequest(); err != nil {
		x.fail(err)
		return
	}
	x.out.coroutine = s.coroutineFor(x)
	x.out.advance()
	switch {
	case x.err != nil && !x.response.HeadSent():
		x.fail(x.err)
	case x.out.status != 0:
		x.out.setResponse()
	}
}

// refuse is the error handler: fasthttp could not receive a request. It closes the connection after the answer.
func (s *Server) refuse(ctx *fasthttp.RequestCtx, err error) {
	x := s.newExchange(ctx)
	defer x.survive()
	*x.request = parser.Request{Head: x.request.Head[:0], Fields: x.request.Fields[:0]}
	if err = receiveError(err); front.IsTimeout(err) && !x.socket.spoke.Load() {
		err = front.ErrNoRequest // a peer that has said nothing gets no answer
	}
	x.fail(err)
}

func (x *exchange) receiveRequest() (err error) {
	setRequest(x.request, &x.ctx.Request.Header)
	x.response.Bodiless = x.ctx.IsHead()
	if err := checkRequest(x.request, x.server.Limits); err != nil {
		return err
	}
	if x.origin, err = x.server.Origin(x.request, &x.socket.facts); err != nil {
		return err
	}
	return x.body.receiveEarly(x.ctx.RequestBodyStream())
}

// respond derives the environ and has wsgi.Run hold the conversation, in the coroutine.
func (x *exchange) respond() error {
	environ := wsgi.NewEnviron(x.request, &x.socket.facts)
	x.origin.Apply(environ)
	environ.Input = &x.body
	if n, known := x.body.lengthOfChunks(); known {
		environ.Set("CONTENT_LENGTH", strconv.FormatInt(n, 10))
	}
	failed, unclosed := wsgi.Run(x.server.Application, environ, x.response)
	if unclosed != nil {
		x.server.LogApplicationError(unclosed, front.RequestLine(x.request))
	}
	return failed
}

// fail answers a request that went wrong before a response had begun.
func (x *exchange) fail(err error) {
	fault := front.FaultOf(err, x.server.Debug)
	if x.body.err != nil && fault.Side != front.Nobody {
		fault = front.FaultOf(x.body.err, x.server.Debug) // the application failed over a body that the peer broke
	}
	x.server.LogFault(fault, x.request, &x.socket.facts)
	if fault.Status == 0 {
		x.ctx.SetConnectionClose()
		x.socket.Conn.Close() // so that fasthttp's answer gets nowhere
		return
	}
	if fault.Side == front.Peer || fault.Side == front.Glass {
		x.request.KeepAlive = false
	}
	x.body.err, x.err = nil, nil // this response is the answer to them
	head, text := fault.Response()
	head.Bodiless = x.response.Bodiless
	x.out.SendHead(head)
	x.out.block, x.out.more = []byte(text), x.out.framing != front.WithoutBody
	x.out.setResponse()
}

// logFault tells of what ended a response that has begun.
func (x *exchange) logFault() {
	x.server.LogFault(front.FaultOf(x.err, x.server.Debug), x.request, &x.socket.facts)
}

// survive ends this connection, and not the server, after a bug in our own code.
func (x *exchange) survive() {
	if bug := recover(); bug != nil {
		x.server.LogPanic(bug, debug.Stack())
		x.ctx.SetConnectionClose()
		front.ResetOnClose(x.socket.Conn) // a response that has begun must not look whole
		x.socket.Conn.Close()
	}
}

// settle ends the exchange: close() is called if it was not, and the access log told.
func (x *exchange) settle() {
	x.out.abandon()
	x.body.spool.Close()
	if x.server.Access != nil {
		e := front.NewAccessEntry(x.request, &x.socket.facts, x.begun)
		if x.origin.RemoteAddr != "" {
			e.RemoteAddr = x.origin.RemoteAddr
		}
		e.Status, e.Headers, e.BodyBytes = x.out.status, x.out.headers, x.out.bodySent
		x.server.Access(e)
	}
	if !x.body.ended { // more may be on its way
		x.socket.linger.Store(true)
	}
}
