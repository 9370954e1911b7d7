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
	// Size is that of the iterable once the callable has returned, or -1: what Content-Length is made of where the
	// application has given none.
	Size int64

	out     Assembler
	state   headState
	head    Head
	written int64 // body bytes that went to the Assembler
}

// NewResponse makes the response of one request.
func NewResponse(out Assembler) *Response { return &Response{out: out, Size: -1} }

// HeadSent says that the peer has got the head, so that no other response can take its place.
func (r *Response) HeadSent() bool { return r.state == sent }

// StartResponse is the server's start_response (PEP 3333 "The start_response() Callable").
func (r *Response) StartResponse(status string, headers []Header, excInfo error) (Write, error) {
	switch {
	case excInfo != nil && r.state == sent:
		return nil, excInfo // "Error Handling": too late for an error page, so the error itself goes on
	case excInfo == nil && r.state != notStarted:
		return nil, &ContractError{Rule: "start_response: called twice", Section: sectionStartResponse,
			Detail: "a second call needs exc_info, because only an error may replace the first"}
	}
	r.state = refused // until the arguments are found to be right: a call that raises is a call, too
	if err := checkStatus(status); err != nil {
		return nil, err
	}
	length, err := checkHeaders(headers)
	if err != nil {
		return nil, err
	}
	r.head = Head{Status: status, Headers: headers, Length: length, HasLength: length >= 0}
	r.state = pending
	return r.Write, nil
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
	if err := r.begin(); err != nil || r.WithoutBody() {
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
		r.head.Length = r.Size
	}
	return r.sendHead()
}

// FileSender is an Assembler that can send a part of a file without reading it. It returns how many bytes it sent: fewer
// than size where the file is shorter.
type FileSender interface {
	SendFile(file io.Reader, size int64) (int64, error)
}

// WriteFile sends the next size bytes of a file, as Write would, but no more than Content-Length. Where nothing of a body
// is sent, it only sends the head. Otherwise it is for an Assembler that is a FileSender.
func (r *Response) WriteFile(file io.Reader, size int64) error {
	if r.state < pending || size == 0 { // Finish says what is wrong
		return nil
	}
	if err := r.begin(); err != nil || r.WithoutBody() {
		return err
	}
	if r.head.Length >= 0 {
		size = min(size, r.head.Length-r.written)
	}
	n, err := r.out.(FileSender).SendFile(file, size)
	r.written += n
	return err
}

// SkipFile sends the head of a response without a body where that is in a file, so that nobody reads the file. It is for
// an Assembler that has all other files in blocks.
func (r *Response) SkipFile(iterable Iterable) error {
	body, ok := iterable.(FileBody)
	if !ok || !r.WithoutBody() {
		return nil
	}
	file := body.File()
	if file == nil {
		return nil
	}
	return r.WriteFile(file, body.Size())
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
		if !r.head.HasLength && !r.WithoutBody() {
			r.head.Length = 0
		}
		if err := r.sendHead(); err != nil {
			return err
		}
	}
	if !r.WithoutBody() && r.written < r.head.Length {
		return &ContractError{Rule: "body: shorter than Content-Length", Section: sectionLength,
			Detail: fmt.Sprintf("the body ended after %d of the %d bytes that were promised", r.written, r.head.Length)}
	}
	return r.out.SendEnd()
}

// Complete says that as many bytes were sent as the head promised: the peer can tell where the response ends, even
// where the application broke the rule about its length.
func (r *Response) Complete() bool {
	return r.state == sent && (r.WithoutBody() || r.head.Length >= 0 && r.written == r.head.Length)
}

func (r *Response) sendHead() error {
	if err := r.out.SendHead(r.head); err != nil {
		return err
	}
	r.state = sent
	return nil
}

// WithoutBody implements RFC 9110 §6.4.1: no content with HEAD, 204 and 304; nor with 205 (§15.3.6). Before
// start_response only the request tells.
func (r *Response) WithoutBody() bool {
	if r.state >= pending {
		switch r.head.Status[:3] {
		case "204", "205", "304":
			return true
		}
	}
	return r.Bodiless
}
