package cpython

import (
	"encoding/binary"
	"slices"

	"glasswsgi/runtime/wsgi"
)

// appendRequest appends the REQUEST frame of a call. A body that has arrived travels with it, up to maxBlock bytes; a
// larger one, or one that is still under way, is read by the worker with READ.
func appendRequest(b []byte, call uint32, environ *wsgi.Environ) []byte {
	start := len(b)
	b = appendHeader(b, 0, call, kindRequest)
	body, whole := []byte(nil), environ.Input == nil
	if !whole {
		body, whole = environ.Input.Whole()
	}
	flags := byte(0)
	if !whole || len(body) > maxBlock {
		flags, body = flagBodyFollows, nil
	}
	b = append(b, flags, 0, 0, 0, 0)
	dict := len(b)
	b = appendEnviron(b, environ)
	binary.LittleEndian.PutUint32(b[dict-4:], uint32(len(b)-dict))
	b = append(b, body...)
	binary.LittleEndian.PutUint32(b[start:], uint32(len(b)-start-headerSize))
	return b
}

// keptAt makes KEPT of a REQUEST.
func keptAt(request []byte, place int) []byte {
	request = slices.Insert(request, headerSize, 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(request[headerSize:], uint32(place))
	appendHeader(request[:0], len(request)-headerSize, 0, kindKept)
	return request
}

// encode writes the call's frames, with a number that is still to come.
func (c *call) encode() {
	c.scratch = appendRequest(c.scratch[:0], 0, c.environ)
	if c.kept >= 0 {
		c.scratch = keptAt(c.scratch, c.kept)
	}
	c.constants = appendConstants(c.constants[:0], c.environ)
}

// appendEnviron appends the part of the environ dict (PEP 3333 "environ Variables") that is this request's own, in
// marshal's format. wsgi.input, and others that are no plain values, are added by the worker.
func appendEnviron(b []byte, environ *wsgi.Environ) []byte {
	e := encoder{out: b}
	e.beginDict()
	for i := range environ.Variables {
		if v := &environ.Variables[i]; !isConstant(v.Name) {
			e.native(v.Name)
			e.native(v.Value)
		}
	}
	e.endDict()
	return e.out
}

// isConstant says that a variable is likely to be the same in the next request, from whichever client. If it is not, it is
// only sent again.
func isConstant(name string) bool {
	switch name {
	case "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_SOFTWARE", "GATEWAY_INTERFACE":
		return true
	}
	return false
}

// appendConstants appends the rest of the dict. The worker keeps it and begins every environ as a copy of it.
func appendConstants(b []byte, environ *wsgi.Environ) []byte {
	e := encoder{out: b}
	e.beginDict()
	for i := range environ.Variables {
		if v := &environ.Variables[i]; isConstant(v.Name) {
			e.native(v.Name)
			e.native(v.Value)
		}
	}
	e.ascii("wsgi.url_scheme")
	e.native(environ.URLScheme)
	e.ascii("wsgi.multithread")
	e.boolean(environ.Multithread)
	e.ascii("wsgi.multiprocess")
	e.boolean(environ.Multiprocess)
	e.ascii("wsgi.run_once")
	e.boolean(environ.RunOnce)
	e.endDict()
	return e.out
}
