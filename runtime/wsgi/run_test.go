package wsgi_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"glasswsgi/runtime/wsgi"
)

// script is an application and its iterable that write down when they are asked for what.
type script struct {
	wsgi.Iterable
	tape   *tape
	head   []wsgi.Header
	file   string // a body in a file, in the place of blocks
	blocks []any  // strings and errors
	close  error
	call   error
}

func (s *script) Call(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
	s.tape.told = append(s.tape.told, "call")
	if s.call != nil {
		return nil, s.call
	}
	_, err := start("200 OK", s.head, nil)
	return s, err
}

func (s *script) Size() int64 {
	if s.file != "" {
		return int64(len(s.file))
	}
	return -1
}

func (s *script) File() io.Reader {
	if s.file == "" {
		return nil
	}
	return strings.NewReader(s.file)
}

func (s *script) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, block := range s.blocks {
			s.tape.told = append(s.tape.told, "next")
			if err, failed := block.(error); failed {
				yield(nil, err)
				return
			}
			if !yield([]byte(block.(string)), nil) {
				return
			}
		}
	}
}

func (s *script) Close() error {
	s.tape.told = append(s.tape.told, "close")
	return s.close
}

// fileTape takes files, too.
type fileTape struct{ *tape }

func (t fileTape) SendsFiles() bool { return true }
func (t fileTape) SendFile(file io.Reader, size int64) (int64, error) {
	text, err := io.ReadAll(io.LimitReader(file, size))
	t.told = append(t.told, "file "+string(text))
	return int64(len(text)), err
}

// TestRun: the order of the conversation, that a block leaves before the next is asked for, and that close() is called
// whatever happens.
func TestRun(t *testing.T) {
	lost, stuck := errors.New("lost"), errors.New("stuck")
	length := func(n int) []wsgi.Header { return []wsgi.Header{{Name: "Content-Length", Value: fmt.Sprint(n)}} }
	for _, row := range []struct {
		name             string
		app              script
		files, head      bool
		told             string
		failed, unclosed error
	}{
		{"blocks", script{blocks: []any{"a", "b"}}, false, false, "call, next, head 200 OK -1, body a, next, body b, end, close", nil, nil},
		{"raises in the call", script{call: lost}, false, false, "call", lost, nil},
		{"raises in a block", script{blocks: []any{"a", lost}}, false, false, "call, next, head 200 OK -1, body a, next, close", lost, nil},
		{"close() raises", script{blocks: []any{"a"}, close: stuck}, false, false, "call, next, head 200 OK -1, body a, end, close", nil, stuck},
		{"both", script{blocks: []any{lost}, close: stuck}, false, false, "call, next, close", lost, stuck},
		{"a file", script{file: "text"}, true, false, "call, head 200 OK 4, file text, end, close", nil, nil},
		{"a file longer than Content-Length", script{file: "text", head: length(2)}, true, false, "call, head 200 OK 2, file te, end, close", nil, nil},
		{"a file where files are not sent", script{file: "text", blocks: []any{"text"}}, false, false, "call, next, head 200 OK 4, body text, end, close", nil, nil},
		{"a file, HEAD", script{file: "text"}, false, true, "call, head 200 OK 4, end, close", nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			out := &tape{}
			row.app.tape = out
			var assembler wsgi.Assembler = out
			if row.files {
				assembler = fileTape{out}
			}
			response := wsgi.NewResponse(assembler, nil)
			response.Bodiless = row.head
			failed, unclosed := wsgi.Run(&row.app, &wsgi.Environ{}, response)
			if failed != row.failed || unclosed != row.unclosed {
				t.Errorf("failed %v, unclosed %v", failed, unclosed)
			}
			if got := strings.Join(out.told, ", "); got != row.told {
				t.Errorf("got  %s\nwant %s", got, row.told)
			}
		})
	}
}

// diary is a Watcher.
type diary struct{ seen []string }

func (d *diary) Called() { d.seen = append(d.seen, "call") }
func (d *diary) Started(status string, _ []wsgi.Header, err error) {
	d.seen = append(d.seen, "start "+status)
}
func (d *diary) Returned(wsgi.Iterable) { d.seen = append(d.seen, "iterable") }
func (d *diary) Yielded(block []byte)   { d.seen = append(d.seen, "block "+string(block)) }
func (d *diary) Wrote(block []byte)     { d.seen = append(d.seen, "write "+string(block)) }
func (d *diary) Closes()                { d.seen = append(d.seen, "close") }

// TestWatcher: it sees all of the conversation, in its order.
func TestWatcher(t *testing.T) {
	seen := &diary{}
	app := applicationFunc(func(_ *wsgi.Environ, start wsgi.StartResponse) (wsgi.Iterable, error) {
		write, err := start("200 OK", nil, nil)
		if err == nil {
			err = write([]byte("w"))
		}
		return &script{tape: &tape{}, blocks: []any{"a", "b"}}, err
	})
	wsgi.Run(app, &wsgi.Environ{}, wsgi.NewResponse(&tape{}, seen))
	if want := []string{"call", "start 200 OK", "write w", "iterable", "block a", "block b", "close"}; !slices.Equal(seen.seen, want) {
		t.Errorf("%q", seen.seen)
	}
}

type applicationFunc func(*wsgi.Environ, wsgi.StartResponse) (wsgi.Iterable, error)

func (f applicationFunc) Call(e *wsgi.Environ, s wsgi.StartResponse) (wsgi.Iterable, error) {
	return f(e, s)
}
