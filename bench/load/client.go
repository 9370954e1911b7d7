package load

import (
	"context"
	"io"
	"net"

	"github.com/valyala/fasthttp"

	"glasswsgi/check/client"
)

// ask makes one request, and returns how much content was transferred.
type ask func() (content int64, err error)

// connection asks the same thing again and again, over one socket at a time.
type connection struct {
	plan     *Plan
	host     *fasthttp.HostClient
	request  *fasthttp.Request
	response *fasthttp.Response
	buffer   []byte
	socket   *client.Conn // the newest
}

// newConnection has a pool of one connection: connections share nothing, and wait for no other.
func newConnection(p *Plan) *connection {
	c := &connection{plan: p, request: &fasthttp.Request{}, response: &fasthttp.Response{}}
	c.host = &fasthttp.HostClient{
		Addr: p.Address, MaxConns: 1, MaxIdemponentCallAttempts: 1, NoDefaultUserAgentHeader: true,
		ReadTimeout: p.Patience, WriteTimeout: p.Patience, MaxIdleConnDuration: MaxDuration,
		ReadBufferSize: 16 << 10, DisablePathNormalizing: true, DisableHeaderNamesNormalizing: true,
		MaxResponseBodySize: int(min(max(p.Content, 0)+1, streamFrom)), Dial: c.dial,
	}
	if p.Content < 0 || p.Content >= streamFrom {
		c.host.StreamResponseBody = true
		c.buffer = make([]byte, readBuffer)
	}
	c.request.SetRequestURI("http://" + p.Address + p.Target)
	c.request.Header.SetHost(p.Address)
	for _, field := range p.Fields {
		c.request.Header.Set(field[0], field[1])
	}
	if p.Upload > 0 {
		c.request.Header.SetMethod(fasthttp.MethodPost)
		c.request.Header.SetContentType("application/octet-stream")
	}
	if p.Close {
		c.request.SetConnectionClose()
	}
	return c
}

// ask is one request with its answer, to the last byte.
func (c *connection) ask() (content int64, err error) {
	if c.socket != nil {
		c.socket.Renew()
	}
	if c.plan.Upload > 0 {
		c.request.SetBodyStream(&io.LimitedReader{R: endless{}, N: c.plan.Upload}, int(c.plan.Upload))
	}
	if err := c.host.Do(c.request, c.response); err != nil {
		return 0, err
	}
	if c.host.StreamResponseBody {
		content, err = c.discard()
	} else {
		content = int64(len(c.response.Body()))
	}
	switch {
	case err != nil:
		return 0, err
	case c.response.StatusCode() != fasthttp.StatusOK:
		return 0, statusError(c.response.StatusCode())
	case c.plan.Content >= 0 && content != c.plan.Content:
		return 0, errShort
	}
	return content + c.plan.Upload, nil
}

// discard reads the content and forgets it.
func (c *connection) discard() (n int64, err error) {
	body := c.response.BodyStream()
	if body == nil { // fasthttp has read a short one
		return int64(len(c.response.Body())), nil
	}
	for {
		read, err := body.Read(c.buffer)
		n += int64(read)
		if err == io.EOF {
			return n, c.response.CloseBodyStream()
		}
		if err != nil {
			c.response.CloseBodyStream()
			return n, err
		}
	}
}

func (c *connection) close() { c.host.CloseIdleConnections() }

// endless is content that costs nothing to make.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// rawRequest is the head of the same request, for connections that are plain sockets.
func rawRequest(p *Plan) []byte {
	head := "GET " + p.Target + " HTTP/1.1\r\nHost: " + p.Address + "\r\n"
	for _, field := range p.Fields {
		head += field[0] + ": " + field[1] + "\r\n"
	}
	return []byte(head + "\r\n")
}

func (c *connection) dial(string) (socket net.Conn, err error) {
	c.socket, err = client.Dial(context.Background(), "tcp", c.plan.Address, c.plan.limits())
	return c.socket, err
}

// dial connects a plain socket.
func dial(p *Plan) (*client.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	return client.Dial(ctx, "tcp", p.Address, p.limits())
}

// limits are those of one answer.
func (p *Plan) limits() client.Limits { return client.Limits{Bytes: p.mostBytes(), Time: p.Patience} }

// mostBytes of an answer: the content that it must have, in chunks of a few bytes if need be, and a head. Where any content
// will do it is thrown away as it comes, and only its time is bounded.
func (p *Plan) mostBytes() int64 {
	if p.Content < 0 {
		return 0
	}
	return mostHead + chunkedFactor*p.Content
}
