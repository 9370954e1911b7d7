package front

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"glasswsgi/parser"
)

// StorageError says that a body could not be kept on disk. The peer gets 507 (RFC 4918 §11.5), or 503 where no file can be
// opened, and the log says why.
type StorageError struct{ Err error }

func (e *StorageError) Error() string {
	remedy := "make room there, set TMPDIR to another folder"
	if IsNoDescriptor(e.Err) {
		remedy = "let glass open more files (ulimit -n)"
	}
	return fmt.Sprintf("a request body cannot be kept in %s until it is complete: %v; %s, or use --stream-chunked", os.TempDir(), e.Err, remedy)
}

func (e *StorageError) Unwrap() error { return e.Err }

// StatusCode implements wsgi.Failure.
func (e *StorageError) StatusCode() int {
	if IsNoDescriptor(e.Err) {
		return 503
	}
	return 507
}

// IsNoDescriptor says that the process, or the system, has as many open files as it may have.
func IsNoDescriptor(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// ContentTooLarge refuses content of more than limit bytes.
func ContentTooLarge(limit int64) error {
	return &parser.SyntaxError{Rule: fmt.Sprintf("content: more than %d bytes", limit), Spec: "RFC 9110 §15.5.14", Status: 413}
}

// Spool keeps a body whose length is not known until it is complete: EarlyBody bytes in memory, more of them in a file.
// The file has no name, so that nothing is left behind whatever ends glass, except on Windows, where an open file cannot
// be without one.
type Spool struct {
	Presence *Presence // of the connection that the body comes over: others give way to the file; nil: they do not

	memory []byte // what is not in the file
	file   *os.File
	size   int64
}

// Add keeps a block. limit is of the whole body, in bytes; 0 sets none.
func (s *Spool) Add(block []byte, limit int64) error {
	if s.size += int64(len(block)); limit > 0 && s.size > limit {
		return ContentTooLarge(limit)
	}
	s.memory = append(s.memory, block...)
	if len(s.memory) <= EarlyBody {
		return nil
	}
	return s.flush()
}

// flush moves what is in memory to the file.
func (s *Spool) flush() (err error) {
	if s.file == nil {
		if s.file, err = s.create(); err != nil {
			return &StorageError{err}
		}
		os.Remove(s.file.Name())
	}
	if _, err := s.file.Write(s.memory); err != nil {
		return &StorageError{err}
	}
	s.memory = s.memory[:0]
	return nil
}

const (
	spoolTries = 50                    // to open a file while connections give way: new ones take what they leave
	spoolPause = 20 * time.Millisecond // between two of them: a connection closes a little after it gave way
)

// create opens the file. Where connections hold every descriptor, one after the other gives way to it.
func (s *Spool) create() (file *os.File, err error) {
	for range spoolTries {
		file, err = os.CreateTemp("", "glass-body-")
		if !IsNoDescriptor(err) || s.Presence == nil || !s.Presence.MakeRoom() {
			break
		}
		time.Sleep(spoolPause)
	}
	return file, err
}

// Size is the number of bytes so far.
func (s *Spool) Size() int64 { return s.size }

// Complete ends the keeping. memory is the whole body where it fits; otherwise file is at its beginning.
func (s *Spool) Complete() (memory []byte, file io.Reader, err error) {
	if s.file == nil {
		return s.memory, nil, nil
	}
	if err := s.flush(); err != nil {
		return nil, nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, nil, &StorageError{err}
	}
	return nil, s.file, nil
}

// Close releases the file.
func (s *Spool) Close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name()) // where it could not be removed while it was open
		s.file = nil
	}
}
