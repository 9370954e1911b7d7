package server

import (
	"errors"
	"io"
	"net"
	"time"

	"glasswsgi/server/front"
)

// The assembler's bytes leave here: see assembler.go.

// filePiece is how much of a file is sent between two looks at how patient we still are.
const filePiece = 1 << 20

// SendsFiles implements wsgi.FileSender: an observer is shown the blocks.
func (a *assembler) SendsFiles() bool { return a.watch.Unseen() }

// SendFile implements wsgi.FileSender: where the socket is TCP's, the system copies the file (sendfile). A peer that
// takes something before the time-out may go on, at the pace of slowestPeer.
func (a *assembler) SendFile(file io.Reader, size int64) (done int64, err error) {
	if a.framing == front.ByChunks {
		return 0, errors.New("a file without Content-Length") // its size is its length: this cannot be
	}
	if err := a.flush(); err != nil {
		return 0, err
	}
	for done < size {
		begun := a.socket.Now()
		n, fileError, err := a.socket.WriteFile(file, min(size-done, filePiece), a.until(begun))
		a.wrote(int(n), begun)
		a.bodySent += n
		done += n
		switch {
		case fileError == io.EOF: // the file has become shorter
			return done, nil
		case fileError != nil:
			return done, fileError
		case err != nil && (n == 0 || !front.IsTimeout(err)):
			return done, err
		}
	}
	return done, nil
}

// flush writes what is unsent, and the parts after it, in one system call.
func (a *assembler) flush(parts ...[]byte) error {
	if len(a.unsent) == 0 && len(parts) == 0 {
		return nil
	}
	a.watch.Sends(a.sent, a.unsent, parts...)
	begun := a.socket.Now() // an observer has seen them: its time is not the peer's
	var n int
	var err error
	if len(parts) == 0 {
		n, err = a.socket.Write(a.unsent, a.until(begun))
	} else {
		n, err = a.socket.WriteAll(append(net.Buffers{a.unsent}, parts...), a.until(begun))
	}
	a.wrote(n, begun)
	a.unsent = a.unsent[:0]
	return err
}

// until is when the peer must have taken what is sent now.
func (a *assembler) until(begun time.Time) time.Time {
	return begun.Add(a.patience.Left(a.server.WriteTimeout, int64(a.sent)))
}

// wrote counts bytes, and the time that the peer has needed to take them.
func (a *assembler) wrote(n int, begun time.Time) {
	a.sent += n
	took := a.socket.Since(begun)
	a.patience.Waited(took)
	a.watch.Sent(took)
}
