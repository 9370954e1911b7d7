// The call of the application, PEP 3333 "The start_response() Callable". In glass: runtime/wsgi/run.go, runtime/wsgi/response.go
package main

import "log"

// response holds the application to PEP 3333. The bytes are the assembler's.
type response struct {
	out      assembler
	status   string // "" before start_response
	headers  fields
	size     int // of the body; -1 where it is not known
	headSent bool
}

// run calls the application, and passes its blocks on. A panic is what an exception is in Python.
func (r *response) run(app application, e environ) {
	defer func() {
		if raised := recover(); raised != nil {
			log.Print("the response ends here: ", raised)
			r.fail("500 Internal Server Error", "the application raised, see the log\n")
		}
	}()
	r.size = -1
	blocks := app(e, r.startResponse)
	r.size = blocks.size
	blocks.each(r.write)
	if r.status == "" {
		panic("start_response was never called")
	}
	r.sendHead() // where no block came
	must(r.out.finish())
}

// startResponse remembers, and sends nothing.
func (r *response) startResponse(status string, headers fields, excInfo error) write {
	switch {
	case excInfo != nil && r.headSent:
		panic(excInfo)
	case excInfo == nil && r.status != "":
		panic("start_response was called twice, without exc_info")
	}
	r.status, r.headers = status, headers
	return r.write
}

// write takes a block. The head waits for the first that is not empty; behind it, whatever comes is passed on.
func (r *response) write(block []byte) {
	if r.status == "" {
		panic("start_response was not called before the first block")
	}
	if len(block) > 0 {
		r.sendHead()
	}
	if r.headSent {
		must(r.out.sendBody(block))
	}
}

func (r *response) sendHead() {
	if !r.headSent {
		must(r.out.sendHead(r.status, r.headers, r.size))
		r.headSent = true
	}
}

// fail is an error page, where that is still possible. Nobody is told of an error here: the peer is gone, too.
func (r *response) fail(status, text string) {
	if r.headSent {
		r.out.cut()
		return
	}
	r.out.sendHead(status, fields{{"Content-Type", "text/plain"}}, len(text))
	r.out.sendBody([]byte(text))
	r.out.finish()
}

// must ends the application's work where its response cannot be sent.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
