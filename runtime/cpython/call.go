package cpython

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"sync/atomic"

	"glasswsgi/runtime/wsgi"
)

// call is one call of the application, seen from the goroutine that made it. The worker's reader puts frames into its
// mailbox; everything else belongs to the caller. When the worker and the caller are both done with it, it is reused.
type call struct {
	mailbox
	pool     *Pool
	worker   *worker
	number   uint32
	receiver wsgi.Receiver // of a lane's call, until it is told; the loop's
	kept     int           // where a lane's call has its environ kept; -1: nowhere
	again    bool          // it is there already
	target   string        // but for what this target says; "": all of it

	environ       *wsgi.Environ
	startResponse wsgi.StartResponse
	write         wsgi.Write
	size          int64    // of the body, after RETURNED; -1 where it is not known
	block         []byte   // the body of an ANSWER
	answered      bool     // by an ANSWER: nothing more comes
	file          *os.File // of a FILE; put there by the worker's reader
	isFile        bool     // the body is in file
	inputError    error    // how the client broke the body
	scratch       []byte   // for frames to the worker; the REQUEST first
	constants     []byte   // of the environ: the payload of CONSTANTS
	last          head     // of the latest response: the next one often has the same

	over     atomic.Bool  // the worker has sent its last frame for this call
	watched  bool         // a debugger is told of it
	lockStep bool         // see debug.go
	owes     bool         // the worker waits for goOn
	stuck    bool         // the worker was silent for too long; guarded by worker.mu
	told     bool         // and the caller was told; guarded by worker.mu
	holders  atomic.Int32 // the worker and the caller
}

// run sends the request, which is queued, and serves the application until the callable has returned.
func (c *call) run() error {
	if c.watched {
		c.beginWatched()
	}
	c.worker.write()
	if c.lockStep {
		c.goOn(true)
	}
	for {
		f, err := c.step()
		switch {
		case err != nil:
			return err
		case f.kind == kindReturned && len(f.payload) == 8:
			c.size = int64(binary.LittleEndian.Uint64(f.payload))
			return nil
		case f.kind == kindAnswer:
			return c.answer(f.payload)
		case f.kind == kindFile:
			return c.takeFile(f.payload)
		case f.kind == kindChunk || f.kind == kindEnd:
			return c.worker.breach(fmt.Errorf("%v before RETURNED", f.kind))
		}
	}
}

// answer takes a whole response.
func (c *call) answer(payload []byte) error {
	size, ok := headSize(payload)
	if !ok {
		return c.worker.breach(errNoHead)
	}
	head := payload[4 : 4+size]
	c.block = payload[4+len(head):]
	c.size, c.answered = int64(len(c.block)), true
	return c.start(head)
}

// step takes the next frame and does what it asks for. CHUNK, RETURNED, END and ANSWER are left to the caller; an error
// means that the call is over.
func (c *call) step() (frame, error) {
	if c.owes {
		c.goOn(false)
	}
	if n := c.credit(); n > 0 && !c.over.Load() {
		c.worker.send(binary.LittleEndian.AppendUint32(appendHeader(c.scratch[:0], 4, c.number, kindCredit), uint32(n)))
	}
	f, err := c.next()
	if err != nil {
		if late, ok := err.(*TimeoutError); ok {
			c.tellStack(late)
		}
		return f, err
	}
	c.owes = c.lockStep && f.awaitsGo()
	switch f.kind {
	case kindStartResponse:
		err = c.start(f.payload)
	case kindWrite:
		if c.write == nil {
			return f, c.worker.breach(errors.New("WRITE before START_RESPONSE"))
		}
		err = c.write(f.payload)
	case kindRead:
		err = c.answerRead(f.payload)
	case kindError:
		err = c.applicationError(f.payload)
	case kindContract:
		err = c.contractError(f.payload)
	case kindPlace:
		err = c.place(f.payload)
	}
	return f, err
}

var errNoHead = errors.New("ANSWER without a head")

// head is what the application passed to start_response.
type head struct {
	payload []byte // of the frame that it was decoded from
	status  string
	headers []wsgi.Header
	excInfo error
}

// longestKnownHead is up to which size a head is kept for the next response.
const longestKnownHead = 1024

// start passes start_response on (PEP 3333 "The start_response() Callable").
func (c *call) start(payload []byte) error {
	h, err := decodeKnown(&c.last, payload)
	if err != nil {
		return c.worker.breach(err)
	}
	write, err := c.startResponse(h.status, h.headers, h.excInfo)
	if err == nil {
		c.write = write
	}
	return err
}

// decodeKnown decodes a head, unless it is the last one, byte for byte.
func decodeKnown(last *head, payload []byte) (head, error) {
	if len(last.payload) > 0 && bytes.Equal(payload, last.payload) {
		return *last, nil
	}
	h, err := decodeHead(payload)
	if err == nil && len(payload) <= longestKnownHead && h.excInfo == nil {
		h.payload = append(last.payload[:0], payload...)
		*last = h
	}
	return h, err
}

func decodeHead(payload []byte) (h head, err error) {
	d := decode(payload)
	d.tuple(3)
	h.status = d.native()
	count := d.list()
	h.headers = make([]wsgi.Header, 0, min(count, 32))
	for range count {
		d.tuple(2)
		h.headers = append(h.headers, wsgi.Header{Name: d.native(), Value: d.native()})
		if d.err != nil {
			break
		}
	}
	if exception, replaces := d.textOrNone(); replaces {
		h.excInfo = &wsgi.ApplicationError{Exception: exception}
	}
	return h, d.end()
}

// answerRead reads from wsgi.input for the application (PEP 3333 "Input and Error Streams"). While it waits for the
// client, the worker is not to blame.
func (c *call) answerRead(payload []byte) error {
	if len(payload) != 4 {
		return c.worker.breach(errors.New("READ without a size"))
	}
	size := min(int(binary.LittleEndian.Uint32(payload)), maxInput)
	c.scratch = slices.Grow(c.scratch[:0], headerSize+size)[:headerSize+size]
	n, err := readSome(c.environ.Input, c.scratch[headerSize:])
	answer := c.scratch[:headerSize+n]
	switch {
	case n > 0:
		appendHeader(answer[:0], n, c.number, kindData)
	case err == io.EOF:
		answer = appendHeader(answer[:0], 0, c.number, kindEOF)
	default:
		c.inputError = err
		answer = appendFrame(answer[:0], c.number, kindBodyError, []byte(err.Error()))
	}
	c.workersTurn()
	c.worker.send(answer)
	return nil
}

// readSome reads at least one byte or an error.
func readSome(r io.Reader, b []byte) (int, error) {
	if r == nil { // there is no body, and a worker that knew would not ask
		return 0, io.EOF
	}
	for len(b) > 0 {
		if n, err := r.Read(b); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.EOF
}

// applicationError reads ERROR. Where the application only passed on that the client broke the body, the client's
// error is the answer.
func (c *call) applicationError(payload []byte) error {
	d := decode(payload)
	d.tuple(3)
	err := &wsgi.ApplicationError{Exception: d.text(), Traceback: d.text()}
	brokenBody := d.boolean()
	if d.end() != nil {
		return c.worker.breach(d.err)
	}
	if brokenBody && c.inputError != nil {
		return c.inputError
	}
	return err
}

// contractError reads CONTRACT. A *wsgi.ContractError has no traceback, so that goes to wsgi.errors here.
func (c *call) contractError(payload []byte) error {
	d := decode(payload)
	d.tuple(4)
	err := &wsgi.ContractError{Rule: d.text(), Section: d.text(), Detail: d.text()}
	traceback := d.text()
	if d.end() != nil {
		return c.worker.breach(d.err)
	}
	io.WriteString(c.errors(), traceback)
	return err
}

// errors is wsgi.errors of the call.
func (c *call) errors() io.Writer {
	if c.environ.Errors != nil {
		return c.environ.Errors
	}
	return c.pool.config.Output
}

// closeError reads END: nothing, or what the iterable's close() raised.
func closeError(payload []byte) error {
	if len(payload) == 0 {
		return nil
	}
	d := decode(payload)
	d.tuple(2)
	err := &wsgi.ApplicationError{Exception: d.text(), Traceback: d.text()}
	if d.end() != nil {
		return d.err
	}
	return err
}

// leave ends the caller's part. Where the worker is still at it, it is told to stop; its slot stays taken until it has.
func (c *call) leave() {
	if !c.over.Load() {
		if c.lockStep {
			c.leaveLockStep()
		}
		c.abandon()
		c.worker.send(appendHeader(c.scratch[:0], 0, c.number, kindAbort))
	}
	c.release()
}

// release gives the call back for reuse after both holders have let go of it.
func (c *call) release() {
	if c.holders.Add(-1) > 0 {
		return
	}
	c.mu.Lock()
	c.stored.leave()
	c.mu.Unlock()
	c.environ, c.startResponse, c.write, c.worker, c.inputError = nil, nil, nil, nil, nil
	c.watched, c.lockStep, c.owes = false, false, false
	c.block, c.answered, c.isFile = nil, false, false
	if cap(c.scratch) > largestKeptQueue {
		c.scratch = nil
	}
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
	c.pool.calls.Put(c)
}

// iterable is what the callable returned (wsgi.Iterable).
type iterable struct {
	call      *call // nil after Close
	size      int64
	exhausted bool // no more frames are to be taken
	taken     bool // the file, by the server
	closeErr  error
}

func (i *iterable) Size() int64 { return i.size }

// Chunks yields the blocks as the application yields them, and gives credit back as they are consumed.
func (i *iterable) Chunks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if i.call != nil && i.call.answered && !i.exhausted {
			i.exhausted = true
			if len(i.call.block) > 0 {
				yield(i.call.block, nil)
			}
			return
		}
		if i.call != nil && i.call.isFile && !i.exhausted {
			if !i.fileBlocks(yield) {
				return
			}
			i.call.sentFile()
		}
		for !i.exhausted {
			f, err := i.call.step()
			switch {
			case err != nil:
				i.exhausted = true
				yield(nil, err)
			case f.kind == kindEnd:
				i.exhausted = true
				i.closeErr = closeError(f.payload)
			case f.kind == kindAnswer:
				i.exhausted = true
				yield(nil, i.call.worker.breach(errors.New("ANSWER after RETURNED")))
			case f.kind == kindChunk:
				if !yield(f.payload, nil) {
					return
				}
			}
		}
	}
}

// By implements wsgi.Answerer. It must not be asked after Close.
func (i *iterable) By() string {
	return fmt.Sprintf("worker %d (pid %d)", i.call.worker.number, i.call.worker.process.Pid)
}

// Close implements wsgi.Iterable. The worker has called close() when the iterable was exhausted; otherwise it does so
// as soon as the application yields again, and Close does not wait for that.
func (i *iterable) Close() error {
	if i.call != nil {
		i.call.leave()
		i.call = nil
		i.exhausted = true
	}
	return i.closeErr
}
