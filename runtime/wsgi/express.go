package wsgi

import "iter"

// Express is an Application that can also take requests without a goroutine that waits for each of them: many at a time, as
// an event loop has them.
type Express interface {
	Application
	// Lane is a way into the application for one goroutine; nil where each call has to be waited for.
	Lane() Lane
}

// Lane takes requests that are there in full, and has their responses later. One goroutine calls its methods.
type Lane interface {
	// Take hands a request over. It returns false where the application can take none now; its owner hears when it can.
	// The environ belongs to the lane until the Receiver is told, and stays as it is.
	Take(environ *Environ, memory *Memory, to Receiver) bool
	// Send lets the application know of all that were taken.
	Send()
	// Collect tells each Receiver what has become of its request, where that is known. Without being told that something
	// is there it has to look for it: rung is false then.
	Collect(rung bool)
	// Pending is how many requests were taken whose Receivers were not told yet.
	Pending() int
	// Busy says that nothing is gained by taking another request now, but to have it taken along: all that can answer are at
	// work.
	Busy() bool
}

// NearLane is a Lane to an application that may have a thread of this process. The loop can run on it as well: then a request
// goes to the application, and its response comes back, and no thread has to wake another.
type NearLane interface {
	Lane
	// Lend has that thread, if there is one, call visit whenever the application has nothing to do. visit runs the loop, and
	// returns true when until does, and false when the loop has ended.
	Lend(visit func(until func() bool) bool)
}

// Memory is what a lane knows of the latest request of one connection. A client that keeps its connection repeats its header
// section byte for byte, so that the next request often has the same environ.
type Memory struct {
	Place int  // a small number; another connection may have it when this one is gone
	Again bool // the request has the environ of the latest that was taken without Again, and no body
	// Target is a request-target in origin-form without anything to decode. With it, Again is true but for what is derived
	// of the target: PATH_INFO, QUERY_STRING and REQUEST_URI. The environ has them.
	Target string
	Owner  any // the lane's own; nil at first
}

// Receiver is told once what has become of a request.
type Receiver interface {
	// Answered: this is the whole response. Its blocks are valid until Answered returns. Headers is the same slice, with the
	// same content, where the application's latest response had equal ones.
	Answered(response *Whole)
	// Answers: the application answers at once, so that whoever has an event loop calls it on the loop's own thread.
	Answers(application Application)
	// Waits: the response comes bit by bit, or not at all. Call of the Application that is handed over goes on with the
	// request; it must be called once.
	Waits(rest Application)
}

// Whole is a response that is there in full, as an Application.
type Whole struct {
	Status  string
	Headers []Header
	Blocks  [][]byte
	Length  int64 // of the body, if it was known before the blocks were asked for; else -1
}

// Call implements Application.
func (w *Whole) Call(_ *Environ, startResponse StartResponse) (Iterable, error) {
	_, err := startResponse(w.Status, w.Headers, nil)
	return w, err
}

// Size implements Iterable.
func (w *Whole) Size() int64 { return w.Length }

// Chunks implements Iterable.
func (w *Whole) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, block := range w.Blocks {
			if !yield(block, nil) {
				return
			}
		}
	}
}

// Close implements Iterable.
func (w *Whole) Close() error { return nil }
