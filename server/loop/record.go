//go:build linux

package loop

import (
	"bytes"
	"iter"
	"slices"

	"glasswsgi/runtime/wsgi"
)

// record is an application that the loop calls, with what it has said. Where something is wrong with it, a goroutine hears the
// same once more, and tells the peer and the log: the application is not called a second time.
type record struct {
	application wsgi.Application
	iterable    wsgi.Iterable
	said        []said
	unclosed    error // by close()
}

// said is one thing that an application does.
type said struct {
	what    act
	status  string        // started
	headers []wsgi.Header // started
	size    int64         // returned
	block   []byte        // wrote, yielded
	err     error         // exc_info of start_response, or what was raised
}

type act uint8

const (
	started  act = iota // it called start_response
	wrote               // it called write()
	returned            // the callable returned an iterable
	raised              // it raised
	yielded             // the iterable yielded a block, or raised
)

func (r *record) note(s said) { r.said = append(r.said, s) }

// Call implements wsgi.Application.
func (r *record) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (_ wsgi.Iterable, err error) {
	r.iterable, err = r.application.Call(environ, func(status string, headers []wsgi.Header, excInfo error) (wsgi.Write, error) {
		r.note(said{what: started, status: status, headers: headers, err: excInfo})
		write, err := startResponse(status, headers, excInfo)
		if err != nil {
			return nil, err
		}
		return func(block []byte) error {
			r.note(said{what: wrote, block: bytes.Clone(block)})
			return write(block)
		}, nil
	})
	if err != nil {
		r.note(said{what: raised, err: err})
		return nil, err
	}
	r.note(said{what: returned, size: r.iterable.Size()})
	return r, nil
}

// Size implements wsgi.Iterable.
func (r *record) Size() int64 { return r.said[len(r.said)-1].size }

// Chunks implements wsgi.Iterable.
func (r *record) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for block, err := range r.iterable.Chunks() {
			r.note(said{what: yielded, block: bytes.Clone(block), err: err})
			if !yield(block, err) {
				return
			}
		}
	}
}

// Close implements wsgi.Iterable.
func (r *record) Close() error {
	r.unclosed = r.iterable.Close()
	return r.unclosed
}

// again is an application that says what another one has said.
type again struct {
	*record
	next          int // what it says next
	startResponse wsgi.StartResponse
	write         wsgi.Write
}

// Call implements wsgi.Application.
func (a *again) Call(_ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	a.startResponse = startResponse
	switch s := a.say(); s.what {
	case returned:
		return a, nil
	default:
		return nil, s.err
	}
}

// say says all up to what start_response and write() cannot say.
func (a *again) say() (s said) {
	for ; a.next < len(a.said); a.next++ {
		switch s = a.said[a.next]; s.what {
		case started:
			a.write, _ = a.startResponse(s.status, s.headers, s.err)
		case wrote:
			a.write(s.block)
		default:
			a.next++
			return s
		}
	}
	return said{}
}

// Size implements wsgi.Iterable.
func (a *again) Size() int64 { return a.said[a.next-1].size }

// Chunks implements wsgi.Iterable.
func (a *again) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for s := a.say(); s.what == yielded; s = a.say() {
			if !yield(s.block, s.err) {
				return
			}
		}
	}
}

// Close implements wsgi.Iterable.
func (a *again) Close() error { return a.unclosed }

// ownEnviron is a copy for an application in Go, which could change the environ of the next request else, where that repeats
// this one. Its wsgi.input is always there.
func (r *request) ownEnviron() *wsgi.Environ {
	own := *r.environ
	own.Variables = slices.Clone(own.Variables)
	if own.Input == nil {
		own.Input = &body{}
	}
	return &own
}
