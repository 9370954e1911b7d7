package gateway

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
	environ    *wsgi.Environ
	request    *parser.Request // what the variables say of the request-line
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
	if watch := &x.connection.watch; !watch.Unseen() {
		watch.Step(bytesStep(front.EndStep(keep), x.out.dialect))
	}
	return keep
}

// receiveRequest has the decoder read the variables and as much of the content as the application should not have to wait
// for.
func (x *exchange) receiveRequest() (err error) {
	variables, err := x.connection.receiveHead(x.out.reply)
	if err != nil {
		return err
	}
	x.environ, x.request, err = x.server.protocol.derive(variables, &x.connection.facts)
	x.response.Bodiless = x.environ.Value("REQUEST_METHOD") == "HEAD"
	if err != nil {
		return err
	}
	x.body.length = contentLength(x.environ)
	return x.body.receiveEarly()
}

// respond has wsgi.Run call the application, iterate what it returns, and close it. What the application says comes back
// through the response to the assembler.
func (x *exchange) respond() error {
	x.environ.Input = &x.body
	if n, known := x.body.spooledLength(); known {
		x.environ.Set("CONTENT_LENGTH", strconv.FormatInt(n, 10))
	}
	x.connection.watch.Derived(x.environ)
	if !x.connection.presence.WaitsNoMore() {
		return front.ErrGaveWay
	}
	failed, unclosed := wsgi.Run(x.server.Application, x.environ, x.response)
	if unclosed != nil {
		x.server.LogApplicationError(unclosed, front.RequestLine(x.request))
	}
	return failed
}
