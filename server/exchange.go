package server

import (
	"io"
	"net"
	"time"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// exchange is one request and its response.
type exchange struct {
	*connection
	id    uint64
	first bool // on its connection
	begun time.Time

	request   *parser.Request
	urlScheme string
	body      body
	response  *wsgi.Response
	out       assembler
}

func newExchange(c *connection) *exchange {
	x := &exchange{connection: c, first: c.exchange == nil, request: c.parser.Request()}
	x.body.exchange, x.body.buffers = x, earlyBuffers
	x.out.exchange = x
	x.response = wsgi.NewResponse(&x.out)
	return x
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
	x.sawEnd(keep)
	return keep
}

// receiveRequest has the parser read the head and as much of the body as the application should not have to wait for.
func (x *exchange) receiveRequest() error {
	x.waitsForPeer()
	if err := x.awaitFirstByte(); err != nil {
		return err
	}
	x.id = x.server.exchanges.Add(1)
	x.begun = time.Now()
	err := x.receiveHead()
	if err != nil {
		x.response.Bodiless = x.parser.Begins("HEAD ") // a refusal is an answer to HEAD like any other
		return err
	}
	if x.urlScheme, err = x.server.URLScheme(x.request, &x.facts); err != nil {
		return err
	}
	return x.body.receiveEarly()
}

// receiveHead goes from token to token, and to the socket when the parser needs more bytes.
func (x *exchange) receiveHead() error {
	waiting, held := false, x.held
	deadline := x.begun.Add(x.server.ReadTimeout)
	for {
		event, err := x.parser.Next()
		if err != nil {
			return err
		}
		x.sawEvent(event)
		switch event.Kind {
		case parser.GotRequestLine:
			x.response.Bodiless = string(x.request.Bytes(x.request.Method)) == "HEAD"
		case parser.GotHead:
			return nil
		case parser.NeedData:
			if late := x.held - held; !waiting || late > 0 { // the whole head has one deadline: a byte now and then does not prolong it
				waiting, held, deadline = true, x.held, deadline.Add(late)
				x.socket.SetReadDeadline(deadline)
			}
			if err := x.receive(x.buffer); err != nil {
				return err
			}
		}
	}
}

// respond is WSGI: derive the environ, call the application, iterate what it returns, close it (PEP 3333
// "Specification Details").
func (x *exchange) respond() (err error) {
	environ := x.environ()
	if !x.waitsNoMore() {
		return net.ErrClosed
	}
	x.sawCall()
	iterable, err := x.server.Application.Call(environ, x.startResponse)
	if err != nil {
		return err
	}
	defer x.closeIterable(iterable)
	x.sawIterable(iterable)
	x.response.Size = iterable.Size()
	if err := x.sendFile(iterable); err != nil {
		return err
	}
	for block, err := range iterable.Chunks() {
		if err != nil {
			return err
		}
		x.sawBlock("block", block)
		if err := x.response.Write(block); err != nil {
			return err
		}
	}
	return x.response.Finish()
}

// sendFile sends a body that is in a file without reading it. With an observer it comes in blocks, to be seen, unless
// nothing of it is sent.
func (x *exchange) sendFile(iterable wsgi.Iterable) error {
	body, ok := iterable.(wsgi.FileBody)
	if !ok || !x.unseen() && !x.response.WithoutBody() {
		return nil
	}
	file := body.File()
	if file == nil {
		return nil
	}
	return x.response.WriteFile(file, body.Size())
}

// environ derives the environ. An observer may change it before the application sees it.
func (x *exchange) environ() *wsgi.Environ {
	environ := wsgi.NewEnviron(x.request, &x.facts)
	environ.URLScheme = x.urlScheme
	environ.Input = &x.body
	x.sawEnviron(environ)
	return environ
}

// startResponse is the second argument of the application callable.
func (x *exchange) startResponse(status string, headers []wsgi.Header, excInfo error) (wsgi.Write, error) {
	_, err := x.response.StartResponse(status, headers, excInfo)
	x.sawStartResponse(status, headers, err)
	if err != nil {
		return nil, err
	}
	return x.write, nil
}

// write is the callable that start_response returns (PEP 3333 "The write() Callable").
func (x *exchange) write(block []byte) error {
	x.sawBlock("write()", block)
	return x.response.Write(block)
}

// closeIterable calls close(), which every iterable gets whatever became of the response.
func (x *exchange) closeIterable(iterable wsgi.Iterable) {
	x.sawCloseCall()
	if err := iterable.Close(); err != nil {
		x.server.LogApplicationError(err, x.request)
	}
}

// settle finds the connection in a state in which another request can follow, or says that none can.
func (x *exchange) settle() (keep bool) {
	if x.server.Access != nil && x.out.status != 0 {
		x.server.Access(x.accessEntry())
	}
	x.waitsForPeer() // to read on, or to take our last words
	if !x.out.keep {
		x.lastWords()
		return false
	}
	if err := x.body.drain(); err != io.EOF {
		x.linger()
		return false
	}
	x.body.release()
	return true
}

// lastWords closes in the way that lets the peer read what was sent, and see what was not.
func (x *exchange) lastWords() {
	x.body.release()
	switch {
	case x.out.status == 0: // nothing was sent: a peer that left, or that sent nothing
	case x.out.truncated:
		x.abort()
	case !x.body.ended, x.parser.Buffered() > 0: // more may be on its way
		x.linger()
	}
}
