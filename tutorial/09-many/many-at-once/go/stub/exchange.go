// One request and its response: receive, parse, environ, call, respond. In glass: server/exchange.go
package main

import (
	"bytes"
	"errors"
)

// exchange ends the connection, too.
func exchange(c *connection, app application) {
	defer c.socket.Close()
	request, err := c.receiveHead()
	if err == nil {
		err = c.receiveBody(request)
	}
	response := &response{out: newAssembler(c.socket, request)}
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		response.fail(refused.status, refused.rule+"\n")
	case err == nil:
		response.run(app, newEnviron(request, bytes.NewReader(request.body), c.socket))
	default:
		return // the client has left
	}
	c.linger()
}
