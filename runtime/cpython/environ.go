package cpython

import (
	"encoding/binary"

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

// appendEnviron appends the environ dict (PEP 3333 "environ Variables") in marshal's format. What is the same in every
// request, and wsgi.input, which is no plain value, are added by the worker.
func appendEnviron(b []byte, environ *wsgi.Environ) []byte {
	e := encoder{out: b}
	e.beginDict()
	for i := range environ.Variables {
		e.native(environ.Variables[i].Name)
		e.native(environ.Variables[i].Value)
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
