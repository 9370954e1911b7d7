package wsgi

import (
	"fmt"
	"io"
)

// Assembler is the server's side of a response: it makes the bytes. SendHead comes first and once, then SendBody for
// each non-empty block, then SendEnd if the response is whole.
type Assembler interface {
	SendHead(head Head) error
	SendBody(block []byte) error
	SendEnd() error
}

// Head is the head of a response as the application left it.
type Head struct {
	Status  string // "200 OK", held to the PEP's rules
	Headers []Header
	// Length is the number of body bytes: the application's Content-Length, or what can be computed; -1 if unknown.
	Length int64
	// HasLength says that Headers contains Content-Length.
	HasLength bool
	// Bodiless says that there is no body whatever the status is: the request was HEAD.
	Bodiless bool
}

// WithoutBody implements RFC 9110 §6.4.1: no content with HEAD, 204 and 304; nor with 205 (§15.3.6).
func (h *Head) WithoutBody() bool {
	switch h.Status[:min(3, len(h.Status))] {
	case "204", "205", "304":
		return true
	}
	return h.Bodiless
}

// headState is how far the head of a response is.
type headState uint8

const (
	notStarted headState = iota // start_response was not called yet; next: refused, pending
	refused                     // it was called and raised; only exc_info may call it again; next: refused, pending
	pending                     // exc_info may still replace it; next: refused, pending, sent
	sent                        // the peer has it: nothing can be taken back
)

// Response holds an application to PEP 3333 from its first start_response to the last block, and passes what it says
// on to the Assembler.
type Response struct {
	// Bodiless says that the response has no body whatever the application yields: the request was HEAD.
	Bodiless bool
	out      Assembler
	watch    Watcher
	state    headState
	head     Head
	size     int64 // of the iterable, -1 if unknown: what Content-Length is made of where the application has given none
	written  int64 // body bytes that went to the Assembler
}

// NewResponse makes the response of one request. watch may be nil.
func NewResponse(out Assembler, watch Watcher) *Response {
	if watch == nil {
		watch = unwatched{}
	}
	return &Response{out: out, watch: watch, size: -1}
}

// HeadSent says that the peer has got the head, so that no other response can take its place.
func (r *Response) HeadSent() bool { return r.state == sent }

// StartResponse is the server's start_response (PEP 3333 "The start_response() Callable").
func (r *Response) StartResponse(status string, headers []Header, excInfo error) (Write, error) {
	err := r.start(status, headers, excInfo)
	r.watch.Started(status, headers, err)
	if err != nil {
		return nil, err
	}
	return r.write, nil
}

func (r *Response) start(status string, headers []Header, excInfo error) error {
	switch {
	case excInfo != nil && r.state == sent:
		return excInfo // "Error Handling": too late for an error page, so the error itself goes on
	case excInfo == nil && r.state != notStarted:
		return &ContractError{Rule: "start_response: called twice", Section: sectionStartResponse,
			Detail: "a second call needs exc_info, because only an error may replace the first"}
	}
	r.state = refused // until the arguments are found to be right: a call that raises is a call, too
	if err := checkStatus(status); err != nil {
		return err
	}
	length, err := checkHeaders(headers)
	if err != nil {
		return err
	}
	r.head = Head{Status: status, Headers: headers, Length: length, HasLength: length >= 0, Bodiless: r.Bodiless}
	r.state = pending
	return nil
}

// write is what start_response returns (PEP 3333 "The write() Callable").
func (r *Response) write(block []byte) error {
	r.watch.Wrote(block)
	return r.Write(block)
}

// Write sends one block of the body, and the head before the first block that is not empty: until then an error may
// still replace it.
func (r *Response) Write(block []byte) error {
	if r.state < pending {
		return &ContractError{Rule: "start_response: never called", Section: sectionStartResponse,
			Detail: "the application must call start_response before its iterable yields the first block of the body"}
	}
	if len(block) == 0 {
		return nil
	}
	if err := r.begin(); err != nil || r.withoutBody() {
		return err
	}
	return r.sendBlock(block)
}

// begin sends the head before the first block.
func (r *Response) begin() error {
	if r.state == sent {
		return nil
	}
	if !r.head.HasLength {
		r.head.Length = r.size
	}
	return r.sendHead()
}

// FileSender is an Assembler that can send a part of a file without reading it.
type FileSender interface {
	// SendsFiles says whether it does so now. It may rather have the blocks, to show them.
	SendsFiles() bool
	// SendFile returns how many bytes it sent: fewer than size where the file is shorter.
	SendFile(file io.Reader, size int64) (int64, error)
}

// sendFile sends a body that is a part of a file, without reading it where the Assembler can. Where nothing of a body is
// sent, nothing of the file is read. Elsewhere the file comes in blocks, as any iterable.
func (r *Response) sendFile(iterable Iterable) error {
	body, ok := iterable.(FileBody)
	if !ok || r.state < pending { // Finish says what is wrong
		return nil
	}
	out, sends := r.out.(FileSender)
	if sends = sends && out.SendsFiles(); !sends && !r.withoutBody() {
		return nil
	}
	file, size := body.File(), body.Size()
	if file == nil || size == 0 {
		return nil
	}
	if err := r.begin(); err != nil || r.withoutBody() {
		return err
	}
	if r.head.Length >= 0 {
		size = min(size, r.head.Length-r.written)
	}
	n, err := out.SendFile(file, size)
	r.written += n
	return err
}

// sendBlock never sends more than Content-Length bytes: the rest would be read as the next response.
func (r *Response) sendBlock(block []byte) error {
	if left := r.head.Length - r.written; r.head.Length >= 0 && int64(len(block)) > left {
		if left > 0 {
			if err := r.out.SendBody(block[:left]); err != nil {
				return err
			}
			r.written += left
		}
		return &ContractError{Rule: "body: longer than Content-Length", Section: sectionLength,
			Detail: fmt.Sprintf("the body goes on after the %d bytes that were promised; the rest was cut off", r.head.Length)}
	}
	r.written += int64(len(block))
	return r.out.SendBody(block)
}

// Finish ends the response after the last block.
func (r *Response) Finish() error {
	switch {
	case r.state < pending:
		return &ContractError{Rule: "start_response: never called", Section: sectionStartResponse,
			Detail: "the iterable ended, and start_response was never called"}
	case r.state == pending:
		if !r.head.HasLength && !r.withoutBody() {
			r.head.Length = 0
		}
		if err := r.sendHead(); err != nil {
			return err
		}
	}
	if !r.withoutBody() && r.written < r.head.Length {
		return &ContractError{Rule: "body: shorter than Content-Length", Section: sectionLength,
			Detail: fmt.Sprintf("the body ended after %d of the %d bytes that were promised", r.written, r.head.Length)}
	}
	return r.out.SendEnd()
}

// Complete says that as many bytes were sent as the head promised: the peer can tell where the response ends, even
// where the application broke the rule about its length.
func (r *Response) Complete() bool {
	return r.state == sent && (r.withoutBody() || r.head.Length >= 0 && r.written == r.head.Length)
}

func (r *Response) sendHead() error {
	if err := r.out.SendHead(r.head); err != nil {
		return err
	}
	r.state = sent
	return nil
}

// withoutBody: before start_response only the request tells.
func (r *Response) withoutBody() bool {
	if r.state >= pending {
		return r.head.WithoutBody()
	}
	return r.Bodiless
}
