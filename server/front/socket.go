package front

import (
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"time"
)

// A peer that is still sending when we close would have our last words destroyed by a reset (RFC 9112 §9.6), so a Socket
// reads on for a while and throws away what comes.
const (
	lingerTime  = 2 * time.Second
	lingerBytes = 1 << 20
)

// PeerError is an error of a peer's socket. It is made where the socket is touched, and nowhere else: an application may
// have sockets, files and deadlines of its own, and their errors look alike.
type PeerError struct {
	Err  error // io.EOF: the peer has ended its sending side
	Late bool  // the peer did not send what was waited for in time
}

func (e *PeerError) Error() string {
	if e.Late {
		return "the peer did not send the rest of its request in time"
	}
	return "the peer is gone: " + e.Err.Error()
}

func (e *PeerError) Unwrap() error { return e.Err }

// IsTimeout says that an error is the end of a wait.
func IsTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// Socket is the socket of one connection. Each wait for the peer has an end, in the time of the connection's Clock; each
// error is a *PeerError.
type Socket struct {
	Conn net.Conn
	Clock
	readUntil time.Time // the deadline that the system knows
}

// NewSocket takes over a connection.
func NewSocket(conn net.Conn) *Socket { return &Socket{Conn: conn} }

// Read waits for at least one byte until a time.
func (s *Socket) Read(p []byte, until time.Time) (int, error) {
	if until = s.onTheWall(until); until != s.readUntil {
		s.readUntil = until
		s.Conn.SetReadDeadline(until)
	}
	n, err := s.Conn.Read(p)
	if n > 0 {
		return n, nil
	}
	return 0, &PeerError{Err: err, Late: IsTimeout(err)}
}

// Write waits until a time for the peer to take all bytes.
func (s *Socket) Write(p []byte, until time.Time) (int, error) {
	s.Conn.SetWriteDeadline(s.onTheWall(until))
	n, err := s.Conn.Write(p)
	return n, peerError(err)
}

// WriteAll does the same with several parts, in one system call where there is one for it.
func (s *Socket) WriteAll(parts net.Buffers, until time.Time) (int, error) {
	s.Conn.SetWriteDeadline(s.onTheWall(until))
	n, err := parts.WriteTo(s.Conn)
	return int(n), peerError(err)
}

// WriteFile sends so many bytes of a file; the system copies them where it can (sendfile). fileError is one of reading the
// file, which is not the peer's: io.EOF when the file has become shorter.
func (s *Socket) WriteFile(file io.Reader, size int64, until time.Time) (n int64, fileError, err error) {
	s.Conn.SetWriteDeadline(s.onTheWall(until))
	n, err = io.CopyN(s.Conn, file, size)
	var unread *fs.PathError
	switch {
	case err == nil:
		return n, nil, nil
	case err == io.EOF, errors.As(err, &unread):
		return n, err, nil
	}
	return n, nil, &PeerError{Err: err}
}

func peerError(err error) error {
	if err == nil {
		return nil
	}
	return &PeerError{Err: err}
}

// Linger says that nothing more will be sent, and reads on for a while.
func (s *Socket) Linger() { Linger(s.Conn) }

// Linger does so with a connection that is no Socket.
func Linger(conn net.Conn) {
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, conn, lingerBytes)
}

// ResetOnClose has the peer see a reset when the connection is closed, where its end would otherwise pass for the end of
// a body.
func (s *Socket) ResetOnClose() { ResetOnClose(s.Conn) }

// ResetOnClose does so with a connection that is no Socket.
func ResetOnClose(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok { // which would say goodbye before
		ResetOnClose(secure.NetConn())
		secure.NetConn().Close()
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}
