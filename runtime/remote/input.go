package remote

import (
	"errors"
	"io"
)

// input is wsgi.input of a call on a node.
type input struct {
	task    *task
	body    []byte
	whole   bool        // body is all of it
	rest    []byte      // what is received and not read
	ended   error       // io.EOF, or how the client broke the body
	arrived chan []byte // what was wanted
}

// Whole implements wsgi.Input.
func (i *input) Whole() ([]byte, bool) { return i.body, i.whole }

// Read implements wsgi.Input. It asks the front for what the application wants, and no more: a client that waits for 100
// (Continue) is asked when the application reads.
func (i *input) Read(p []byte) (int, error) {
	for len(i.rest) == 0 {
		switch {
		case i.whole:
			return 0, io.EOF
		case i.ended != nil:
			return 0, i.ended
		case len(p) == 0:
			return 0, nil
		}
		if err := i.task.publish(numbered(want, uint64(len(p)))); err != nil {
			return 0, err
		}
		select {
		case <-i.task.ctx.Done():
			return 0, errLeft
		case b := <-i.arrived:
			switch kind(b[0]) {
			case data:
				i.rest = b[1:]
			case end:
				i.ended = io.EOF
			case broken:
				i.ended = errors.New(string(b[1:]))
			}
		}
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	return n, nil
}
