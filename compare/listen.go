package compare

import (
	"bufio"
	"encoding/json"
	"net"
	"sync"
	"time"
)

// Record is what the recorder told of one call of the application.
type Record struct {
	Environ map[string]string `json:"environ"`
	Calls   []string          `json:"calls"` // in order: "start_response('200 OK', [...])", "yield b'...'", "close()"
}

// Listener is what recorders tell.
type Listener struct {
	listener net.Listener
	mu       sync.Mutex
	current  *told
}

// told is a call; done is closed when it has ended.
type told struct {
	record Record
	done   chan struct{}
}

// Listen opens a port on loopback.
func Listen() (*Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Listener{listener: listener}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.take(conn)
		}
	}()
	return l, nil
}

// Port is for NewRecorder.
func (l *Listener) Port() int { return l.listener.Addr().(*net.TCPAddr).Port }

// Close listens no more.
func (l *Listener) Close() { l.listener.Close() }

// take reads the two lines of a call. The recorder goes on only when the first is known here.
func (l *Listener) take(conn net.Conn) {
	defer conn.Close()
	c := &told{done: make(chan struct{})}
	defer close(c.done)
	in := json.NewDecoder(bufio.NewReader(conn))
	if in.Decode(&c.record) != nil {
		return
	}
	l.mu.Lock()
	l.current = c
	l.mu.Unlock()
	conn.Write([]byte{1})
	in.Decode(&c.record)
}

// Next forgets what was told before a request.
func (l *Listener) Next() {
	l.mu.Lock()
	l.current = nil
	l.mu.Unlock()
}

// Record is what was told since Next; nil: the application was not called. It waits for a call to end.
func (l *Listener) Record() *Record {
	l.mu.Lock()
	c := l.current
	l.mu.Unlock()
	if c == nil {
		return nil
	}
	select {
	case <-c.done:
		return &c.record
	case <-time.After(Patience):
		l.mu.Lock()
		defer l.mu.Unlock()
		return &Record{Environ: c.record.Environ, Calls: []string{"(the call has not ended)"}}
	}
}
