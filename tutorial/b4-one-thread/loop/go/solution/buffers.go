// What the system does with the two buffers of a socket: one fills from the network, one drains into it.
package main

// accept takes a connection from the listening socket. It never waits.
func (x *socket) accept() (*socket, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.accepted) == 0 {
		return nil, errWouldBlock
	}
	first := x.accepted[0]
	x.accepted = x.accepted[1:]
	return first, nil
}

// read takes what has come, up to len(p) bytes. It never waits: it says errWouldBlock where there is nothing, and io.EOF
// when the client has ended the connection.
func (x *socket) read(p []byte) (n int, err error) {
	x.change(func() {
		n = copy(p, x.in)
		x.in = x.in[n:]
		if n == 0 {
			err = x.end
		}
		if n == 0 && err == nil {
			err = errWouldBlock
		}
	})
	return n, err
}

// write takes as much of p as there is room for. It never waits: it says errWouldBlock where there is none.
func (x *socket) write(p []byte) (n int, err error) {
	x.change(func() {
		n = min(len(p), room-len(x.out))
		switch {
		case x.broken != nil:
			n, err = 0, x.broken
		case n == 0 && len(p) > 0:
			err = errWouldBlock
		}
		x.out = append(x.out, p[:n]...)
	})
	return n, err
}

// close ends the connection, when what was written has left.
func (x *socket) close() {
	x.change(func() { x.closed = true })
}

func (x *socket) fill() {
	piece := make([]byte, room)
	for {
		n, err := x.conn.Read(piece)
		x.mu.Lock()
		for len(x.in) > 0 && !x.closed {
			x.changed.Wait()
		}
		x.mu.Unlock()
		x.change(func() { x.in, x.end = append([]byte(nil), piece[:n]...), err })
		if err != nil {
			return
		}
	}
}

func (x *socket) drain() {
	defer x.conn.Close()
	for {
		x.mu.Lock()
		for len(x.out) == 0 && !x.closed {
			x.changed.Wait()
		}
		piece := append([]byte(nil), x.out...)
		x.mu.Unlock()
		if len(piece) == 0 {
			return
		}
		if _, err := x.conn.Write(piece); err != nil {
			x.change(func() { x.broken = err })
			return
		}
		x.change(func() { x.out = x.out[len(piece):] })
	}
}
