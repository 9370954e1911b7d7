package remote

import (
	"encoding/binary"
	"errors"
	"fmt"

	"glasswsgi/runtime/wsgi"
)

// kind is the first byte of a message.
type kind byte

// From front to node.
const (
	request kind = 'r' // scheme, variables, whether the body is whole, body; reply: the call's inbox
	data    kind = 'd' // bytes of the body, which the node wanted
	end     kind = 'e' // of the body
	broken  kind = 'x' // text: how the client broke the body
	credit  kind = 'c' // uvarint: more bytes that the node may send
	abort   kind = 'a' // the rest is not wanted, or the claim came late
	ask     kind = 'p' // uvarint: how many data, end, broken were sent
)

// From node to front.
const (
	claim  kind = 'A' // control subject, name of the node
	want   kind = 'W' // uvarint: bytes of the body
	head   kind = 'S' // status, header fields, length + 1 as uvarint, who answers
	block  kind = 'C' // bytes of the body
	over   kind = 'E' // uvarint: how many messages were sent before
	failed kind = 'X' // type, texts
	here   kind = 'P' // uvarint: how many messages were sent before; answers ask
	absent kind = 'Q' // the node does not have the call; answers a request that came too late, or ask
	state  kind = 'N' // node, threads, free threads, whether it leaves; on the subject of states
)

// counted says that a message is one of those that ask, here and over count.
func (k kind) counted() bool {
	switch k {
	case data, end, broken, want, head, block:
		return true
	}
	return false
}

var errMessage = errors.New("a message cannot be understood")

// decoder takes a message apart. The first error stays.
type decoder struct {
	rest []byte
	err  error
}

func decode(b []byte) (kind, *decoder) {
	if len(b) == 0 {
		return 0, &decoder{err: errMessage}
	}
	return kind(b[0]), &decoder{rest: b[1:]}
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	if d.err != nil || size <= 0 {
		d.err = errMessage
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) text() string {
	n := d.number()
	if d.err != nil || n > uint64(len(d.rest)) {
		d.err = errMessage
		return ""
	}
	text := string(d.rest[:n])
	d.rest = d.rest[n:]
	return text
}

func (d *decoder) boolean() bool { return d.number() == 1 }

// count reads how many pairs of texts follow: each has two bytes at least.
func (d *decoder) count() int {
	n := d.number()
	if n > uint64(len(d.rest)/2) {
		d.err = errMessage
		return 0
	}
	return int(n)
}

// message begins a message.
func message(k kind) []byte { return []byte{byte(k)} }

func numbered(k kind, n uint64) []byte { return binary.AppendUvarint(message(k), n) }

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func appendBoolean(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// appendRequest writes a request. Where the body is not whole, body is empty.
func appendRequest(environ *wsgi.Environ, body []byte, whole bool) []byte {
	b := appendText(message(request), environ.URLScheme)
	b = binary.AppendUvarint(b, uint64(len(environ.Variables)))
	for i := range environ.Variables {
		b = appendText(b, environ.Variables[i].Name)
		b = appendText(b, environ.Variables[i].Value)
	}
	return append(appendBoolean(b, whole), body...)
}

// request reads one.
func (d *decoder) request() (environ *wsgi.Environ, body []byte, whole bool, err error) {
	environ = &wsgi.Environ{URLScheme: d.text()}
	n := d.count()
	environ.Variables = make([]wsgi.Variable, n)
	for i := range n {
		environ.Variables[i] = wsgi.Variable{Name: d.text(), Value: d.text()}
	}
	whole = d.boolean()
	return environ, d.rest, whole, d.err
}

// appendHead writes a head, and who answers.
func appendHead(h *wsgi.Head, by string) []byte {
	b := appendText(message(head), h.Status)
	b = binary.AppendUvarint(b, uint64(len(h.Headers)))
	for _, field := range h.Headers {
		b = appendText(appendText(b, field.Name), field.Value)
	}
	return appendText(binary.AppendUvarint(b, uint64(h.Length+1)), by)
}

// head reads one.
func (d *decoder) head() (h wsgi.Head, by string, err error) {
	h.Status = d.text()
	n := d.count()
	h.Headers = make([]wsgi.Header, n)
	for i := range n {
		h.Headers[i] = wsgi.Header{Name: d.text(), Value: d.text()}
	}
	h.Length = int64(d.number()) - 1
	return h, d.text(), d.err
}

// The types of a failure.
const (
	applicationFailed = iota
	contractFailed
	runtimeFailed
	otherFailed
)

// appendFailure writes why there is no response, or no rest of it.
func appendFailure(err error) []byte {
	b := message(failed)
	var (
		application *wsgi.ApplicationError
		contract    *wsgi.ContractError
		failure     wsgi.Failure
	)
	switch {
	case errors.As(err, &failure):
		b = binary.AppendUvarint(binary.AppendUvarint(b, runtimeFailed), uint64(failure.StatusCode()))
		return appendText(b, err.Error())
	case errors.As(err, &application):
		return appendText(appendText(binary.AppendUvarint(b, applicationFailed), application.Exception), application.Traceback)
	case errors.As(err, &contract):
		b = appendText(binary.AppendUvarint(b, contractFailed), contract.Rule)
		return appendText(appendText(b, contract.Section), contract.Detail)
	}
	return appendText(binary.AppendUvarint(b, otherFailed), err.Error())
}

// failure reads one.
func (d *decoder) failure(node string) error {
	var err error
	switch d.number() {
	case applicationFailed:
		err = &wsgi.ApplicationError{Exception: d.text(), Traceback: d.text()}
	case contractFailed:
		err = &wsgi.ContractError{Rule: d.text(), Section: d.text(), Detail: d.text()}
	case runtimeFailed:
		status := int(d.number())
		if status < 500 || status > 599 {
			status = 502
		}
		err = &Failure{Status: status, Text: fmt.Sprintf("node %s: %s", node, d.text())}
	default:
		err = &wsgi.ApplicationError{Exception: d.text()}
	}
	if d.err != nil {
		return d.err
	}
	return err
}

// Failure says that no node answered, or that a node's own runtime could not.
type Failure struct {
	Status int // that tells the peer so
	Text   string
}

func (f *Failure) Error() string { return f.Text }

// StatusCode implements wsgi.Failure.
func (f *Failure) StatusCode() int { return f.Status }
