package load

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// idleConnections opens connections, makes one request on each, so that the server has accepted and known every one,
// and keeps those that the server keeps.
func idleConnections(ctx context.Context, p *Plan) (held []net.Conn, r Result) {
	r = newResult()
	var mu sync.Mutex
	var running sync.WaitGroup
	places := make(chan struct{}, dialsAtATime)
	begun := time.Now()
	for range p.Idle {
		places <- struct{}{}
		if ctx.Err() != nil || time.Since(begun) > p.Duration {
			break
		}
		running.Go(func() {
			defer func() { <-places }()
			sent := time.Now()
			socket, content, err := askOnce(p)
			mu.Lock()
			defer mu.Unlock()
			r.count(time.Since(sent), content, err)
			if socket != nil {
				held = append(held, socket)
			}
		})
	}
	running.Wait()
	r.Elapsed = time.Since(begun)
	return held, r
}

// askOnce returns the connection if the server means to keep it.
func askOnce(p *Plan) (net.Conn, int64, error) {
	c := newConnection(p)
	var err error
	if c.socket, err = dial(p); err != nil {
		return nil, 0, err
	}
	content, err := c.ask()
	if c.socket == nil {
		return nil, content, err
	}
	c.socket.SetDeadline(time.Time{})
	return c.socket, content, nil
}

// stillHeld counts the connections that the server has not closed, without waiting.
func stillHeld(sockets []net.Conn) (n int) {
	for _, socket := range sockets {
		if open(socket) {
			n++
		}
	}
	return n
}

// open looks whether the end of the connection has arrived. Go's Read would time out before looking, so this asks the
// system.
func open(socket net.Conn) bool {
	raw, err := socket.(syscall.Conn).SyscallConn()
	if err != nil {
		return false
	}
	err = peek(raw)
	return err == nil || errors.Is(err, syscall.EAGAIN)
}
