package cpython

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"glasswsgi/runtime/wsgi"
)

// FuzzWorker lets a worker send any bytes while a call waits for it. The call ends, with an answer or an error; nothing
// panics, hangs or stays, and nobody has to keep more than the window.
func FuzzWorker(f *testing.F) {
	var e encoder
	e.tuple(3)
	e.native("200 OK")
	e.list(1)
	e.tuple(2)
	e.native("Content-Type")
	e.native("text/plain")
	e.none()
	head := appendFrame(nil, 1, kindStartResponse, e.out)
	returned := appendFrame(nil, 1, kindReturned, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	end := appendFrame(nil, 1, kindEnd, nil)
	join := func(parts ...[]byte) (all []byte) {
		for _, part := range parts {
			all = append(all, part...)
		}
		return all
	}
	read := appendFrame(nil, 1, kindRead, []byte{255, 255, 255, 255})
	f.Add(join(head, returned, appendFrame(nil, 1, kindChunk, []byte("abc")), end), true)
	f.Add(join(head, appendFrame(nil, 1, kindWrite, []byte("abc")), read, read, read, returned, end, end), true)
	f.Add(join(returned, returned, returned), true)
	f.Add(appendFrame(nil, 1, kindWrite, []byte("before start_response")), true)
	f.Add(appendFrame(nil, 1, kindChunk, []byte("before RETURNED")), true)
	f.Add(appendFrame(nil, 2, kindChunk, []byte("of no call")), true)
	f.Add(appendFrame(nil, 0, kindReady, nil), true)
	f.Add(appendFrame(nil, 1, kindReady, nil), true)
	f.Add(appendFrame(nil, 1, kindRead, nil), true)
	f.Add(read, false)
	f.Add(appendFrame(nil, 1, kindError, []byte("(\x03\x00\x00\x00")), true)
	f.Add(appendFrame(nil, 1, kindContract, []byte("[\xff\xff\xff\x7f")), true)
	f.Add(join(head, returned, []byte(strings.Repeat(string(appendFrame(nil, 1, kindChunk, make([]byte, 4000))), 100))), true)
	f.Add(appendHeader(nil, maxFrame+1, 1, kindChunk), true)
	answer := binary.LittleEndian.AppendUint32(nil, uint32(len(e.out)))
	answer = append(append(answer, e.out...), "body"...)
	f.Add(appendFrame(nil, 1, kindAnswer, answer), true)
	f.Add(appendFrame(nil, 1, kindAnswer, []byte("\xff\xff\xff\x7f")), true)
	f.Add(join(head, returned, appendFrame(nil, 1, kindAnswer, answer)), true)
	f.Fuzz(func(t *testing.T, wire []byte, hasBody bool) {
		synctest.Test(t, func(t *testing.T) { converse(t, wire, hasBody) })
	})
}

// converse makes one call of a worker that sends these bytes and is gone then.
func converse(t *testing.T, wire []byte, hasBody bool) {
	ours, theirs := net.Pipe()
	go io.Copy(io.Discard, theirs) // what the call sends: the request, bodies, credit
	go func() {
		theirs.Write(wire)
		theirs.Close()
	}()
	p := &Pool{config: Config{Threads: 1, Output: os.Stderr, Language: python{}}, slots: make(chan *worker, 9)}
	w := &worker{
		pool: p, channel: ours, state: ready, calls: map[uint32]*call{}, loaded: make(chan error, 1),
		process: &os.Process{Pid: -1}, idle: make(chan struct{}),
	}
	c := &call{pool: p, kept: -1, mailbox: mailbox{signal: make(chan struct{}, 1)}}
	c.environ = &wsgi.Environ{Errors: io.Discard}
	if hasBody {
		c.environ.Input = whole{}
	}
	c.startResponse = func(string, []wsgi.Header, error) (wsgi.Write, error) {
		return func([]byte) error { return nil }, nil
	}
	c.encode()
	w.begin(c)
	w.state = dead // so that nobody tries to kill a process that there is not
	go func() {
		err := w.readFrames()
		c.mu.Lock()
		kept := cap(c.arrived)
		c.mu.Unlock()
		if limit := 2*(window+maxFrame) + maxFrame + headerSize; kept > 2*limit { // append may double
			t.Errorf("%d bytes were kept", kept)
		}
		ours.Close()
		c.fail(&WorkerError{Reason: err.Error()})
	}()
	if err := c.run(); err == nil {
		i := &iterable{call: c, size: c.size}
		for range i.Chunks() {
		}
		i.Close()
	}
}

// whole is a short body that has arrived.
type whole struct{}

func (whole) Read(b []byte) (int, error) { return copy(b, "body"), io.EOF }
func (whole) Whole() ([]byte, bool)      { return []byte("body"), true }

// FuzzRequestFrame: whatever is in an environ, the frame is one whole frame, within what a worker takes.
func FuzzRequestFrame(f *testing.F) {
	f.Add("PATH_INFO", "/caf\xe9", "body")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, name, value, body string) {
		environ := &wsgi.Environ{Variables: []wsgi.Variable{{Name: name, Value: value}}, Input: text(body)}
		b := appendRequest(nil, 7, environ)
		got, rest := cutFrame(b)
		dict := int(binary.LittleEndian.Uint32(got.payload[1:]))
		if len(rest) > 0 || got.kind != kindRequest || got.call != 7 || string(got.payload[5+dict:]) != body {
			t.Errorf("got %v for call %d, body %q, %d bytes too many", got.kind, got.call, got.payload[5+dict:], len(rest))
		}
		if len(name)+len(value)+len(body) < maxRequest/4 && len(got.payload) > maxRequest {
			t.Errorf("a frame of %d bytes, which a worker refuses", len(got.payload))
		}
		d := decode(got.payload[6:])
		if n, v := d.native(), d.native(); n != name || v != value || d.err != nil {
			t.Errorf("got %q: %q, %v", n, v, d.err)
		}
	})
}

type text string

func (text) Read([]byte) (int, error) { return 0, io.EOF }
func (s text) Whole() ([]byte, bool)  { return []byte(s), true }
