package native

import (
	"slices"

	"glasswsgi/runtime/wsgi"
)

// AtOnce is a Callable that says of itself that it answers at once: it waits for nothing, neither in the call nor in its
// iterable or close(). So an event loop calls it on its own thread, and serves nobody else meanwhile.
type AtOnce Callable

// Call implements wsgi.Application.
func (a AtOnce) Call(environ *wsgi.Environ, startResponse wsgi.StartResponse) (wsgi.Iterable, error) {
	return Callable(a).Call(environ, startResponse)
}

// String is Callable's.
func (a AtOnce) String() string { return Callable(a).String() }

// Concurrency is Callable's.
func (a AtOnce) Concurrency() (multithread, multiprocess bool) { return Callable(a).Concurrency() }

// Lane implements wsgi.Express.
func (a AtOnce) Lane() wsgi.Lane { return &lane{application: a} }

// lane has the loop call the application, for all requests that were taken.
type lane struct {
	application AtOnce
	taken       []wsgi.Receiver
}

// Take implements wsgi.Lane.
func (l *lane) Take(_ *wsgi.Environ, _ *wsgi.Memory, to wsgi.Receiver) bool {
	l.taken = append(l.taken, to)
	return true
}

// Send implements wsgi.Lane.
func (l *lane) Send() {
	for len(l.taken) > 0 {
		to := l.taken[0]
		l.taken = slices.Delete(l.taken, 0, 1) // whatever becomes of it
		to.Answers(l.application)
	}
}

// Collect implements wsgi.Lane: Send has told all Receivers.
func (l *lane) Collect(bool) {}

// Pending implements wsgi.Lane.
func (l *lane) Pending() int { return len(l.taken) }

// Busy implements wsgi.Lane.
func (l *lane) Busy() bool { return false }
