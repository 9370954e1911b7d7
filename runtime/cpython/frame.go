package cpython

import (
	"bufio"
	"encoding/binary"
	"fmt"
)

// kind is what a frame means. glass_worker/channel.py has the same names and numbers; a test compares them.
//
// Every frame is: payload length (4 bytes), call number (4 bytes), kind (1 byte), payload. Integers are little-endian.
//
//	Go to worker     payload                                 meaning
//	REQUEST          flags, u32 size, environ, body          call the application
//	DATA             bytes                                   answers READ: the next bytes of wsgi.input
//	EOF              -                                       answers READ: wsgi.input has ended
//	BODY_ERROR       text                                    answers READ: the client broke the body
//	CREDIT           u32                                     that many bytes of the response were consumed
//	ABORT            -                                       the rest is not wanted: close the iterable
//	QUIT             -                                       no more requests: end the process
//	CONSTANTS        dict                                    the part of the environ that the next requests share
//	FILE_SENT        - or u8                                 answers FILE: the file is not needed any more; or there was no
//	                                                         descriptor left for it, and it has to come in blocks
//	NOP              -                                       nothing: but Python runs, which is what pdb waits for
//	KEPT             u32 place, REQUEST's                    call the application, and keep the environ at a place
//	AGAIN            u32 place, ...                          call it with the environ that is kept there, without a body; each
//	                                                         further place is another call, by the number that follows
//	TARGET           u32 place, u32 size, target             AGAIN, but for the target; so many bytes of it are the path
//	FORK             title                                   to the process of --preload, with descriptors beside it: make a worker
//	WAIT             u32                                     to the same: that worker is ending, how did it?
//
//	Worker to Go     payload                                 meaning
//	READY            (version)                               the application is loaded
//	LOAD_ERROR       (kind, detail, hint, traceback)         it is not, and why
//	START_RESPONSE   (status, headers, exc_info or None)     the application called start_response
//	RETURNED         i64                                     the callable returned; the body's bytes where known, or -1
//	CHUNK            bytes                                   the iterable yielded a block
//	WRITE            bytes                                   the application called write()
//	READ             u32                                     it reads wsgi.input: at most that many bytes, please
//	END              - or (exception, traceback)             the call is over; what its close() raised
//	ERROR            (exception, traceback, broken body)     the call is over: the application raised
//	CONTRACT         (rule, section, detail, traceback)      the call is over: it broke PEP 3333
//	FILE             i64 offset, i64 size                    RETURNED, with a descriptor beside it: the body is in that file
//	HELD             u64                                     the outbox holds answers up to this position
//	ANSWER           u32 size, START_RESPONSE's, bytes       a whole response: START_RESPONSE, RETURNED, CHUNK and END
//	LINT             (rule, section, detail, file, line)     a finding of --lint
//	PLACE            (file, line, function, left)            which line of the application causes the next frame
//	WHERE            (call, line, stack)                     where a call that was asked for hangs
//	FORKED           (pid, error)                            answers FORK
//	EXITED           (pid, status)                           answers WAIT
//	STORED           u32 place, u32 size, u8 kind            CHUNK or WRITE, as kind says: the block is at a place of the outbox
//
// Payloads in parentheses, the dict and the environ are in the format of Python's marshal. READY, LOAD_ERROR, LINT, HELD,
// WHERE, FORKED, EXITED, QUIT, CONSTANTS, FORK, WAIT and NOP belong to no call; their number is 0.
//
// Before the first frame, the worker is sent its own source: u32 size, then marshal ((name, source), ...), settings.
//
// Flow control: START_RESPONSE, CHUNK, WRITE and ANSWER cost their payload, STORED its block, and each frameCharge besides,
// of the call's credit, which starts with window. The worker sends while its credit is above zero, so it overdraws by one
// frame at most. A body travels the other way only when it is asked for, so it needs no credit.
type kind uint8

const (
	kindRequest   kind = 1
	kindData      kind = 2
	kindEOF       kind = 3
	kindBodyError kind = 4
	kindCredit    kind = 5
	kindAbort     kind = 6
	kindQuit      kind = 7
	kindConstants kind = 8
	kindFileSent  kind = 9
	kindNop       kind = 10
	kindFork      kind = 11
	kindWait      kind = 12
	kindKept      kind = 13
	kindAgain     kind = 14
	kindTarget    kind = 15

	kindReady         kind = 16
	kindLoadError     kind = 17
	kindStartResponse kind = 18
	kindReturned      kind = 19
	kindChunk         kind = 20
	kindWrite         kind = 21
	kindRead          kind = 22
	kindEnd           kind = 23
	kindError         kind = 24
	kindContract      kind = 25
	kindLint          kind = 26
	kindAnswer        kind = 27
	kindHeld          kind = 28
	kindFile          kind = 29
	kindPlace         kind = 30
	kindWhere         kind = 31
	kindForked        kind = 32
	kindExited        kind = 33
	kindStored        kind = 34
)

// kindNames is the table by which kinds are printed and compared with the worker's.
var kindNames = map[kind]string{
	kindRequest: "REQUEST", kindData: "DATA", kindEOF: "EOF", kindBodyError: "BODY_ERROR", kindCredit: "CREDIT",
	kindAbort: "ABORT", kindQuit: "QUIT", kindConstants: "CONSTANTS", kindFileSent: "FILE_SENT", kindNop: "NOP",
	kindReady: "READY", kindLoadError: "LOAD_ERROR", kindStartResponse: "START_RESPONSE", kindReturned: "RETURNED",
	kindChunk: "CHUNK", kindWrite: "WRITE", kindRead: "READ", kindEnd: "END", kindError: "ERROR",
	kindContract: "CONTRACT", kindLint: "LINT", kindAnswer: "ANSWER", kindHeld: "HELD", kindFile: "FILE", kindPlace: "PLACE",
	kindWhere: "WHERE", kindKept: "KEPT", kindAgain: "AGAIN", kindTarget: "TARGET", kindFork: "FORK", kindWait: "WAIT", kindForked: "FORKED", kindExited: "EXITED", kindStored: "STORED",
}

func (k kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("frame kind %d", uint8(k))
}

// Bits of the flags byte in REQUEST.
const (
	flagBodyFollows = 1 // the body is not in the frame; the worker has to READ it
	flagLockStep    = 2 // the worker waits after each event: see debug.go
)

const (
	headerSize  = 9
	maxFrame    = 128 << 10 // bytes of payload from a worker
	maxRequest  = 1 << 20   // bytes of payload to a worker
	maxBlock    = 64 << 10  // bytes of a response's body that travel in one frame
	maxInput    = 256 << 10 // and of a request's: what arrives while the application reads travels together
	window      = 256 << 10 // bytes of one response that may wait in Go for their consumer
	frameCharge = 64        // what a frame costs besides its payload, so that tiny frames are not free
)

// frame is one frame as it was received. Its payload belongs to the buffer that it was read into.
type frame struct {
	kind    kind
	call    uint32
	payload []byte
}

// isLast says that the worker sends nothing more for this call, and may be given another.
func (f frame) isLast() bool {
	return f.kind == kindEnd || f.kind == kindError || f.kind == kindContract || f.kind == kindAnswer
}

// mayBeHeld says that the frame may be in an outbox: an ANSWER, or what a short response is made of.
func (f frame) mayBeHeld() bool {
	switch f.kind {
	case kindAnswer, kindStartResponse, kindReturned, kindChunk, kindWrite, kindEnd, kindError, kindContract:
		return true
	}
	return false
}

// charge is what the frame costs of its call's credit.
func (f frame) charge() int {
	switch f.kind {
	case kindStartResponse, kindChunk, kindWrite, kindAnswer:
		return len(f.payload) + frameCharge
	case kindStored:
		_, size := f.place()
		return size + frameCharge
	}
	return 0
}

// appendHeader appends the header of a frame whose payload has size bytes.
func appendHeader(b []byte, size int, call uint32, k kind) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	b = binary.LittleEndian.AppendUint32(b, call)
	return append(b, byte(k))
}

// numberFrame gives a frame another call.
func numberFrame(frame []byte, call uint32) { binary.LittleEndian.PutUint32(frame[4:], call) }

func appendFrame(b []byte, call uint32, k kind, payload []byte) []byte {
	return append(appendHeader(b, len(payload), call, k), payload...)
}

// cutFrame takes the first frame off b, which holds whole frames only.
func cutFrame(b []byte) (frame, []byte) {
	size := headerSize + int(binary.LittleEndian.Uint32(b))
	f := frame{kind: kind(b[8]), call: binary.LittleEndian.Uint32(b[4:]), payload: b[headerSize:size]}
	return f, b[size:]
}

// frameReader reads the frames that a worker sends.
type frameReader struct {
	in      *bufio.Reader // its buffer holds one frame of any size
	current int           // bytes of the frame that was returned last
}

// next returns the next frame. Its payload is valid until next is called again.
func (r *frameReader) next() (frame, error) {
	if _, err := r.in.Discard(r.current); err != nil {
		return frame{}, err
	}
	r.current = 0
	header, err := r.in.Peek(headerSize)
	if err != nil {
		return frame{}, err
	}
	size := binary.LittleEndian.Uint32(header)
	if size > maxFrame {
		return frame{}, fmt.Errorf("a frame of %d bytes, more than %d", size, maxFrame)
	}
	if k := kind(header[8]); k < kindReady || k > kindStored {
		return frame{}, fmt.Errorf("%v from a worker", k)
	}
	whole, err := r.in.Peek(headerSize + int(size))
	if err != nil {
		return frame{}, err
	}
	r.current = len(whole)
	f, _ := cutFrame(whole)
	return f, nil
}

// mayWait says that the next frame has not arrived in full, so that next may have to wait for it.
func (r *frameReader) mayWait() bool {
	rest := r.in.Buffered() - r.current
	if rest < headerSize {
		return true
	}
	ahead, err := r.in.Peek(r.current + headerSize)
	return err != nil || rest < headerSize+int(binary.LittleEndian.Uint32(ahead[r.current:]))
}

func newFrameReader(in interface{ Read([]byte) (int, error) }) *frameReader {
	return &frameReader{in: bufio.NewReaderSize(in, headerSize+maxFrame)}
}
