package front

import "time"

// Bounds that every front holds to with bodies and connections.
const (
	// A body of at most this many bytes is received before the application is called, so that a slow peer does not
	// hold a thread of the application, and a broken body is refused without a call.
	EarlyBody = 64 << 10

	// What the application leaves unread is read and thrown away up to this many bytes, to keep the connection for
	// the next request; where more is left, closing is cheaper.
	DrainBytes = 256 << 10
	DrainTime  = 2 * time.Second

	// How long an accept loop waits after an error that may pass, such as "too many open files", and while the
	// connection limit is reached.
	AcceptBackoffMin = 5 * time.Millisecond
	AcceptBackoffMax = time.Second
)
