package remote

import (
	"net"
	"strconv"
	"sync"
	"testing"
)

// wire is a TCP connection point before the broker that can be frozen, as a partition is, and cut, as a death is.
type wire struct {
	net.Listener
	to    string
	mu    sync.Mutex
	thaw  chan struct{} // nil: it is not frozen
	conns []net.Conn
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: listener, to: to}
	t.Cleanup(w.cut)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, near, far)
			w.mu.Unlock()
			go w.copy(near, far)
			go w.copy(far, near)
		}
	}()
	return w
}

func (w *wire) copy(to, from net.Conn) {
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		w.mu.Lock()
		thaw := w.thaw
		w.mu.Unlock()
		if thaw != nil {
			<-thaw
		}
		if err != nil {
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

// freeze lets nothing through, in either direction.
func (w *wire) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.thaw = make(chan struct{})
}

// melt lets through what has come, and all that comes.
func (w *wire) melt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.thaw != nil {
		close(w.thaw)
		w.thaw = nil
	}
}

// cut ends all connections, and takes no other.
func (w *wire) cut() {
	w.Listener.Close()
	w.melt()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range w.conns {
		conn.Close()
	}
}

func (w *wire) address() string { return w.Addr().String() }

func portOf(address string) int {
	_, port, _ := net.SplitHostPort(address)
	n, _ := strconv.Atoi(port)
	return n
}
