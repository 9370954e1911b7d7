//go:build linux

package loop

import "time"

const (
	readBuffer      = 64 << 10 // bytes that are taken from a socket at once
	mostEvents      = 256      // sockets that one look at epoll tells of
	mostAccepts     = 64       // connections that are accepted before those that are open are served again
	mostBehind      = 64 << 10 // bytes that a peer may send ahead while it waits for a response; then it is not read from
	largestKept     = 4 << 10  // bytes of a buffer that an idle connection keeps
	longestRepeated = 4 << 10  // bytes of a head that is compared with the one before

	// patience is how long a request may wait until the application can take it; then a goroutine waits.
	patience = 50 * time.Millisecond

	// worthTaking is how many requests wait together while the application is at work anyway: each time that it is told of
	// more costs the same.
	worthTaking = 8

	// enough is how many requests are together when no more are looked for.
	enough = 32

	// For so long the loop looks whether something is ready before it sleeps, as long as that has helped in one of so many
	// times: to sleep, and to be woken, takes longer where few connections are at work.
	spinTime  = 50 * time.Microsecond
	spinTries = 16
	// With more connections something is ready most of the time anyway.
	spinConnections = 8

	// mostAway is how long a visitor may stay away; then, or after up to twice as long, the loop's own thread takes over.
	mostAway = time.Millisecond

	// lookInterval is between two looks for responses of which nobody has told us: see wsgi.Lane.
	lookInterval = time.Millisecond
)
