package load

import (
	"context"
	"io"
	"strconv"

	"glasswsgi/check/client"
)

// request is what each connection sends, written once: the head of it, which p.Upload bytes of zeros follow.
func request(p *Plan) []byte {
	method := "GET "
	if p.Upload > 0 {
		method = "POST "
	}
	head := method + p.Target + " HTTP/1.1\r\nHost: " + p.Address + "\r\n"
	for _, field := range p.Fields {
		head += field[0] + ": " + field[1] + "\r\n"
	}
	if p.Upload > 0 {
		head += "Content-Type: application/octet-stream\r\nContent-Length: " + strconv.FormatInt(p.Upload, 10) + "\r\n"
	}
	if p.Close {
		head += "Connection: close\r\n"
	}
	return []byte(head + "\r\n")
}

// connection asks the same thing again and again, over one socket at a time.
type connection struct {
	plan    *Plan
	request []byte
	answer  answer
	buffer  []byte
	socket  *client.Conn // nil: none
}

func newConnection(p *Plan) *connection {
	return &connection{plan: p, request: request(p), answer: answer{plan: p}, buffer: make([]byte, readBuffer)}
}

// ask is one request with its answer, to the last byte.
func (c *connection) ask() (content int64, err error) {
	if c.socket != nil && !open(c.socket) { // the server has given it up
		c.close()
	}
	if c.socket == nil {
		if c.socket, err = client.Dial(context.Background(), "tcp", c.plan.Address, c.plan.limits()); err != nil {
			c.socket = nil
			return 0, err
		}
	}
	c.socket.Renew()
	c.answer.begin()
	err = c.converse()
	if err != nil || !c.answer.keeps() {
		c.close()
	}
	return c.answer.content + c.plan.Upload, err
}

// converse sends the request, and reads the answer meanwhile: a server may refuse a body before it has come.
func (c *connection) converse() error {
	if _, err := c.socket.Write(c.request); err != nil {
		return err
	}
	if c.plan.Upload == 0 {
		return c.receive()
	}
	socket, sent := c.socket, make(chan error, 1)
	go func() {
		_, err := io.CopyN(socket, endless{}, c.plan.Upload)
		sent <- err
	}()
	err := c.receive()
	if err != nil {
		c.close() // which ends the upload
		<-sent
		return err
	}
	return <-sent
}

func (c *connection) receive() error {
	for {
		n, err := c.socket.Read(c.buffer)
		done, wrong := c.answer.feed(c.buffer[:n])
		switch {
		case done || wrong != nil:
			return wrong
		case err == io.EOF:
			return c.answer.end()
		case err != nil:
			return err
		}
	}
}

func (c *connection) close() {
	if c.socket != nil {
		c.socket.Close()
		c.socket = nil
	}
}

// endless is content that costs nothing to make.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// dial connects a plain socket.
func dial(p *Plan) (*client.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	return client.Dial(ctx, "tcp", p.Address, p.limits())
}

// limits are those of one answer; how many bytes it may have is the answer's to know.
func (p *Plan) limits() client.Limits { return client.Limits{Time: p.Patience} }
