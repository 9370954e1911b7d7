package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// Limits are what a server may make a client read.
type Limits struct {
	Bytes int64         // of all that comes; 0: as much as the server likes
	Time  time.Duration // until the last byte has come; 0: as long as it likes
}

// LimitError says which limit a server reached. It is a net.Error.
type LimitError struct {
	Bytes int64         // more than so many came; or 0, and
	Time  time.Duration // so long it took, and there was no end
}

func (e *LimitError) Error() string {
	if e.Bytes > 0 {
		return fmt.Sprintf("more than %d bytes came, and no end: reading stopped there", e.Bytes)
	}
	return fmt.Sprintf("there was no end within %v: reading stopped there", e.Time)
}

// Timeout implements net.Error.
func (e *LimitError) Timeout() bool { return e.Bytes == 0 }

// Temporary implements net.Error.
func (e *LimitError) Temporary() bool { return false }

// Is makes a limit of time the error that a deadline makes.
func (e *LimitError) Is(target error) bool { return e.Timeout() && target == os.ErrDeadlineExceeded }

// Conn is a connection to a server, with limits.
type Conn struct {
	net.Conn
	limits Limits
	taken  atomic.Int64
}

// Bound gives a connection limits. The time begins now.
func Bound(c net.Conn, limits Limits) *Conn {
	b := &Conn{Conn: c, limits: limits}
	b.Renew()
	return b
}

// Dial connects, and takes no longer for it than the limits have for the answer, which begins when it is connected.
func Dial(ctx context.Context, network, address string, limits Limits) (*Conn, error) {
	dialer := net.Dialer{Timeout: limits.Time}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return Bound(c, limits), nil
}

// Renew begins the limits anew: for the next answer on the same connection.
func (c *Conn) Renew() {
	c.taken.Store(0)
	if c.limits.Time > 0 {
		c.SetDeadline(time.Now().Add(c.limits.Time))
	}
}

// Read implements io.Reader. What exceeds the limit is not read.
func (c *Conn) Read(p []byte) (int, error) {
	if most := c.limits.Bytes; most > 0 {
		left := most - c.taken.Load()
		if left <= 0 {
			return c.atEnd()
		}
		p = p[:min(int64(len(p)), left)]
	}
	n, err := c.Conn.Read(p)
	c.taken.Add(int64(n))
	if c.limits.Time > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		err = &LimitError{Time: c.limits.Time}
	}
	return n, err
}

// atEnd is for a server that has sent all that it may: one that ends there has not sent too much.
func (c *Conn) atEnd() (int, error) {
	n, err := c.Conn.Read(make([]byte, 1))
	if n > 0 {
		return 0, &LimitError{Bytes: c.limits.Bytes}
	}
	return 0, err
}

// CloseWrite ends our side of the connection, where that can be done.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// SyscallConn implements syscall.Conn.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	if raw, ok := c.Conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}
