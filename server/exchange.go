package server

import (
	"strconv"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server/front"
)

// exchange is one request and its response. serve, receiveRequest and respond are the whole of it.
type exchange struct {
	connection *connection
	server     *Server
	first      bool // on its connection
	begun      time.Time
	request    *parser.Request
	origin     front.Origin
	body       body
	response   *wsgi.Response
	out        assembler
}

// serve is the life of a request. It says whether the connection is kept for another.
func (x *exchange) serve() (keep bool) {
	err := x.receiveRequest()
	if err == nil {
		err = x.respond()
	}
	if err != nil {
		x.fail(err)
	}
	keep = x.settle()
	x.connection.watch.Ended(keep)
	return keep
}

// receiveRequest has the parser read the head and as much of the body as the application should not have to wait for.
func (x *exchange) receiveRequest() (err error) {
	c := x.connection
	if err := c.awaitRequest(x.first); err != nil {
		return err
	}
	c.watch.Exchange = x.server.exchanges.Add(1)
	x.begun = c.socket.Now()
	if err := c.in.head(x.begun.Add(x.server.ReadTimeout)); err != nil {
		x.response.Bodiless = c.in.parser.Begins("HEAD ") // a refusal is an answer to HEAD like any other
		return err
	}
	x.response.Bodiless = string(x.request.Bytes(x.request.Method)) == "HEAD"
	if x.request.ExpectContinue {
		x.body.goOn = x.out.sendContinue
	}
	if x.origin, err = x.server.Origin(x.request, &c.facts); err != nil {
		return err
	}
	return x.body.receiveEarly()
}

// respond derives the environ, and has wsgi.Run call the application, iterate what it returns, and close it. What the
// application says comes back through the response to the assembler.
func (x *exchange) respond() error {
	environ := wsgi.NewEnviron(x.request, &x.connection.facts)
	x.origin.Apply(environ)
	environ.Input = &x.body
	if n, known := x.body.lengthOfChunks(); known {
		environ.Set("CONTENT_LENGTH", strconv.FormatInt(n, 10))
	}
	x.connection.watch.Derived(environ)
	if !x.connection.presence.WaitsNoMore() {
		return front.ErrGaveWay
	}
	failed, unclosed := wsgi.Run(x.connection.application(), environ, x.response)
	if unclosed != nil {
		x.server.LogApplicationError(unclosed, front.RequestLine(x.request))
	}
	return failed
}
