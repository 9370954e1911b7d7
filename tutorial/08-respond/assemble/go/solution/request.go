// What has been read of a request. In glass: parser/request.go, parser/host.go
package main

type request struct {
	requestLine
	fields
	chunked bool // how the end of the body is found
	length  int  // of the body, where it is not chunked
	body    []byte
}

// receiveHead receives all but the body. Of a request that is refused, it returns what has been read.
func (c *connection) receiveHead() (*request, error) {
	r := &request{}
	lines, err := c.takeHead()
	if err == nil {
		r.requestLine, err = parseRequestLine(lines[0])
	}
	if err == nil {
		r.fields, err = parseFieldLines(lines[1:])
	}
	if err == nil {
		err = r.findHost()
	}
	if err == nil {
		err = r.findFraming()
	}
	return r, err
}

// findHost: exactly one, or none in HTTP/1.0 (RFC 9112 §3.2).
func (r *request) findHost() error {
	hosts := len(r.find("Host"))
	if hosts == 1 || hosts == 0 && r.version == "HTTP/1.0" {
		return nil
	}
	return bad("Host: there must be one")
}
