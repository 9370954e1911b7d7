package cpython

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
)

// A file that the application wraps in wsgi.file_wrapper does not travel in frames: its descriptor does, beside the
// frame FILE, so that the server can send it without anybody reading it (sendfile). The worker waits for FILE_SENT,
// or for ABORT, before it calls close().

// fileReader reads the channel, and puts the descriptors aside that come along. The reader goroutine owns it.
type fileReader struct {
	channel net.Conn
	control []byte     // what comes along with one read
	files   []*os.File // in the order of the FILE frames that they belong to
}

// first takes the descriptor of the FILE that was just read.
func (r *fileReader) first() *os.File {
	if channel, ok := r.channel.(FileChannel); ok {
		return channel.File()
	}
	if len(r.files) == 0 {
		return nil
	}
	file := r.files[0]
	r.files = r.files[1:]
	return file
}

func (r *fileReader) close() {
	for _, file := range r.files {
		file.Close()
	}
}

// putFile gives a call the file of its FILE frame, before the frame itself.
func (c *call) putFile(file *os.File) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		file.Close()
		return errors.New("a second FILE")
	}
	c.file = file
	return nil
}

// takeFile reads FILE: the callable has returned, and the body is a part of the file.
func (c *call) takeFile(payload []byte) error {
	if len(payload) != 16 || c.file == nil {
		return c.worker.breach(errors.New("FILE without a range"))
	}
	offset, size := int64(binary.LittleEndian.Uint64(payload)), int64(binary.LittleEndian.Uint64(payload[8:]))
	if offset < 0 || size < 0 {
		return c.worker.breach(errors.New("FILE with a negative range"))
	}
	if _, err := c.file.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	c.size, c.isFile = size, true
	return nil
}

// File implements wsgi.FileBody.
func (i *iterable) File() io.Reader {
	if i.call == nil || !i.call.isFile {
		return nil
	}
	i.taken = true
	return i.call.file
}

// fileBlocks yields the file as blocks, to a server that did not ask for it.
func (i *iterable) fileBlocks(yield func([]byte, error) bool) bool {
	if i.taken {
		return true
	}
	block := make([]byte, maxBlock)
	for left := i.size; left > 0; {
		n, err := i.call.file.Read(block[:min(left, maxBlock)])
		left -= int64(n)
		switch {
		case n > 0 && !yield(block[:n], nil):
			return false
		case err == io.EOF: // it has become shorter meanwhile
			return true
		case err != nil:
			yield(nil, err)
			return false
		}
	}
	return true
}

// refuseFile is for a FILE whose descriptor was lost, because this process can have no other. The worker sends blocks.
func (w *worker) refuseFile(c *call) {
	w.send(appendFrame(nil, c.number, kindFileSent, []byte{1}))
}

// sentFile tells the worker that the file is not needed any more.
func (c *call) sentFile() {
	c.workersTurn()
	c.worker.send(appendHeader(c.scratch[:0], 0, c.number, kindFileSent))
}
