package load

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
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
	socket, err := dial(p)
	if err != nil {
		return nil, 0, err
	}
	content, keep, err := exchange(socket, rawRequest(p))
	if err != nil || !keep {
		socket.Close()
		return nil, content, err
	}
	socket.SetDeadline(time.Time{})
	return socket, content, nil
}

func exchange(socket net.Conn, request []byte) (content int64, keep bool, err error) {
	if _, err := socket.Write(request); err != nil {
		return 0, false, err
	}
	response, err := http.ReadResponse(bufio.NewReader(socket), nil)
	if err != nil {
		return 0, false, err
	}
	defer response.Body.Close()
	if content, err = io.Copy(io.Discard, response.Body); err != nil {
		return content, false, err
	}
	if response.StatusCode != http.StatusOK {
		return content, false, statusError(response.StatusCode)
	}
	return content, !response.Close, nil
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
