package front

import "time"

// Clock is the time of one connection. It stands still while an observer looks at a step: a request that is stopped in a
// debugger must not run into a time-out, nor make its peer seem slow. Every deadline and every duration of a connection is
// measured by it, so that nothing has to be corrected afterwards. Its zero value is ready; it belongs to the goroutine that
// serves the connection.
type Clock struct{ held time.Duration }

// Now is the connection's time.
func (c *Clock) Now() time.Time { return time.Now().Add(-c.held) }

// Since is how long ago a time of the connection was.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// hold keeps the time at what it was when an observer began to look.
func (c *Clock) hold(begun time.Time) { c.held += time.Since(begun) }

// onTheWall is the time at which the socket has to wake, if no observer looks until then.
func (c *Clock) onTheWall(t time.Time) time.Time { return t.Add(c.held) }
