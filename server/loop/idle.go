//go:build linux

package loop

import "time"

// idle are connections that wait for a request, all for the same time, the one that has waited longest first.
type idle struct {
	wait        time.Duration
	first, last *connection
}

// add puts a connection behind all others.
func (q *idle) add(c *connection, now time.Time) {
	c.idle, c.since, c.before, c.behind = q, now, q.last, nil
	if q.last != nil {
		q.last.behind = c
	} else {
		q.first = c
	}
	q.last = c
}

// drop takes a connection out; q may be nil.
func (q *idle) drop(c *connection) {
	if q == nil {
		return
	}
	if c.before != nil {
		c.before.behind = c.behind
	} else {
		q.first = c.behind
	}
	if c.behind != nil {
		c.behind.before = c.before
	} else {
		q.last = c.before
	}
	c.idle, c.before, c.behind = nil, nil, nil
}

// due is when the first has waited long enough; the zero time where there is none.
func (q *idle) due() time.Time {
	if q.first == nil {
		return time.Time{}
	}
	return q.first.since.Add(q.wait)
}

// closeSilent closes connections over which no request has come in time.
func (l *Loop) closeSilent() {
	for _, q := range []*idle{&l.fresh, &l.kept, &l.last} {
		for q.first != nil && l.now.Sub(q.first.since) >= q.wait {
			q.first.close()
		}
	}
}
