//go:build linux

package loop_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"glasswsgi/runtime/native"
	"glasswsgi/runtime/wsgi"
	"glasswsgi/server"
	"glasswsgi/server/front"
	"glasswsgi/server/loop"
)

// express is a callable with a lane: what it answers in one block is told as Answered, and all else Waits.
type express struct {
	native.Callable
	bell    *os.File
	refuses bool          // it takes no request
	breaks  string        // a path at which it has a bug
	waits   bool          // it leaves each to a goroutine
	atOnce  bool          // the loop calls it
	near    bool          // it answers on a goroutine of its own, on which the loop runs as well
	hold    chan struct{} // it answers when this is closed; nil: at once
	seen    chan struct{} // it is told of a request that was taken; nil: it is not
	again   int           // requests of which the loop said that they repeat the one before
	mu      sync.Mutex
}

func (e *express) Lane() wsgi.Lane {
	if e.atOnce {
		return native.AtOnce(e.Callable).Lane()
	}
	if e.near {
		return &nearLane{express: e}
	}
	return &lane{express: e}
}

type lane struct {
	*express
	taken []taken
	once  sync.Once
}

type taken struct {
	environ *wsgi.Environ
	to      wsgi.Receiver
}

func (l *lane) Take(environ *wsgi.Environ, m *wsgi.Memory, to wsgi.Receiver) bool {
	if l.breaks != "" && environ.Value("PATH_INFO") == l.breaks {
		panic("a bug")
	}
	if l.refuses {
		return false
	}
	l.mu.Lock()
	if m.Again {
		l.again++
	}
	l.mu.Unlock()
	l.taken = append(l.taken, taken{environ, to})
	select {
	case l.seen <- struct{}{}:
	default:
	}
	return true
}

func (l *lane) Send() {
	if len(l.taken) == 0 {
		return
	}
	if l.hold != nil {
		l.once.Do(func() { go func() { <-l.hold; ring(l.bell) }() })
		return
	}
	ring(l.bell)
}

func ring(bell *os.File) { bell.Write([]byte{1, 0, 0, 0, 0, 0, 0, 0}) }

func (l *lane) Pending() int { return len(l.taken) }
func (l *lane) Busy() bool   { return false }

func (l *lane) Collect(bool) {
	if l.hold != nil {
		select {
		case <-l.hold:
		default:
			return
		}
	}
	all := l.taken
	l.taken = nil
	for _, t := range all {
		t.tell(l.answer(t))
	}
}

// answer is what becomes of a request: a whole response, or an application that goes on with it.
func (e *express) answer(t taken) (*wsgi.Whole, wsgi.Application) {
	if e.waits {
		return nil, e.Callable
	}
	out := &whole{}
	response := wsgi.NewResponse(out, nil)
	if failed, _ := wsgi.Run(e.Callable, t.environ, response); failed != nil || out.blocks != 1 {
		return nil, e.Callable
	}
	return &wsgi.Whole{Status: out.head.Status, Headers: out.head.Headers, Blocks: [][]byte{out.body}, Length: int64(len(out.body))}, nil
}

func (t taken) tell(response *wsgi.Whole, rest wsgi.Application) {
	if rest != nil {
		t.to.Waits(rest)
	} else {
		t.to.Answered(response)
	}
}

// nearLane answers requests on a goroutine that visits the loop while there are none.
type nearLane struct {
	*express
	mu      sync.Mutex
	asked   []taken
	answers []func()
	inHand  int
}

func (l *nearLane) Lend(visit func(until func() bool) bool) {
	go func() {
		for visit(l.isAsked) {
			l.mu.Lock()
			asked := l.asked
			l.asked = nil
			l.mu.Unlock()
			for _, t := range asked {
				response, rest := l.answer(t)
				l.mu.Lock()
				l.answers = append(l.answers, func() { t.tell(response, rest) })
				l.mu.Unlock()
			}
		}
	}()
}

func (l *nearLane) isAsked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.asked) > 0
}

func (l *nearLane) Take(environ *wsgi.Environ, m *wsgi.Memory, to wsgi.Receiver) bool {
	if l.breaks != "" && environ.Value("PATH_INFO") == l.breaks {
		panic("a bug")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, taken{environ, to})
	l.inHand++
	return true
}

func (l *nearLane) Collect(bool) {
	l.mu.Lock()
	answers := l.answers
	l.answers = nil
	l.inHand -= len(answers)
	l.mu.Unlock()
	for _, tell := range answers {
		tell()
	}
}

func (l *nearLane) Pending() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inHand
}

func (l *nearLane) Send()      {}
func (l *nearLane) Busy() bool { return false }

// whole collects a response.
type whole struct {
	head   wsgi.Head
	body   []byte
	blocks int
}

func (w *whole) SendHead(head wsgi.Head) error { w.head = head; return nil }
func (w *whole) SendBody(block []byte) error {
	w.body = append(w.body, block...)
	w.blocks++
	return nil
}
func (w *whole) SendEnd() error { return nil }

// serve serves an application by a loop, and by goroutines where it has no lane.
func serve(t testing.TB, app wsgi.Application, change func(*server.Config)) (address string, s front.Front) {
	t.Helper()
	config := server.Config{Application: app, Errors: io.Discard, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&config)
	}
	if e, ok := app.(*express); ok {
		bell, err := loop.NewBell()
		if err != nil {
			t.Fatal(err)
		}
		config.Bell, e.bell = bell, bell
	}
	l := loop.New(config)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		listener.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		over, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
		defer cancel()
		l.Shutdown(over)
	})
	return listener.Addr().String(), l
}

// dial connects, for the time of a test.
func dial(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	return conn.(*net.TCPConn)
}
