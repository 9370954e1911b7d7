package compare

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"glasswsgi/check/client"
)

// Answer is what a server made of a request.
type Answer struct {
	From    string        `json:"from"`
	Raw     []byte        `json:"raw"` // base64 in JSON: from the status-line through the last byte that belongs to it
	Version string        `json:"version,omitempty"`
	Status  string        `json:"status,omitempty"` // "200 OK"; empty: no answer, or none that is HTTP
	Headers []Field       `json:"headers,omitempty"`
	Body    []byte        `json:"body,omitempty"`    // its transfer coding removed
	Surplus []byte        `json:"surplus,omitempty"` // what follows the answer, although the server says that it closes
	Problem string        `json:"problem,omitempty"` // why it is not whole
	Took    time.Duration `json:"took_ns"`
}

// Field is a header field, in the order and the case in which it came.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Send sends raw bytes to a server, HOST:PORT or unix:PATH, and reads one answer. An error says that the server could
// not be reached; what an answer lacks is its Problem.
func Send(ctx context.Context, address string, raw []byte) (*Answer, error) {
	network, where := "tcp", address
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		network, where = "unix", path
	}
	conn, err := client.Dial(ctx, network, where, client.Limits{Bytes: MaxAnswer, Time: Patience})
	if err != nil {
		return nil, fmt.Errorf("cannot reach %s: %w", address, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	begun := time.Now()
	go conn.Write(raw) // a server may answer, and stop reading, before it has everything
	a := read(conn, raw)
	a.From, a.Took = address, time.Since(begun)
	return a, nil
}

// read reads the final response, and keeps its bytes.
func read(conn io.Reader, request []byte) *Answer {
	var seen bytes.Buffer
	in := bufio.NewReaderSize(io.TeeReader(conn, &seen), MaxHead)
	method, _, _ := strings.Cut(string(request), " ")
	a := &Answer{}
	for {
		begin := seen.Len() - in.Buffered()
		response, err := readHead(in, method)
		if err != nil {
			io.Copy(io.Discard, in)
			a.Raw, a.Problem = seen.Bytes()[begin:], explain(err, seen.Len() == begin)
			return a
		}
		body, err := io.ReadAll(response.Body)
		a.Raw = seen.Bytes()[begin : seen.Len()-in.Buffered() : seen.Len()-in.Buffered()]
		if response.StatusCode/100 == 1 && response.StatusCode != http.StatusSwitchingProtocols {
			continue // 100 (Continue) and its like come before the answer
		}
		if err != nil {
			a.Problem = explain(err, false)
		}
		a.Body = body
		if response.Close && err == nil { // and the server is not disturbed in what it does after the answer
			a.Surplus, _ = io.ReadAll(in)
		}
		a.parseHead()
		return a
	}
}

var errHead = fmt.Errorf("the head of the answer has more than %d bytes", MaxHead)

// readHead reads one response up to its body. net/http would take a head of any size.
func readHead(in *bufio.Reader, method string) (*http.Response, error) {
	for {
		head, err := in.Peek(max(in.Buffered(), 1))
		switch {
		case err != nil, bytes.Contains(head, []byte("\n\r\n")), bytes.Contains(head, []byte("\n\n")):
			return http.ReadResponse(in, &http.Request{Method: method}) // which also says what is wrong with half a head
		case len(head) == MaxHead:
			return nil, errHead
		}
		if _, err := in.Peek(len(head) + 1); err != nil {
			return http.ReadResponse(in, &http.Request{Method: method})
		}
	}
}

func explain(err error, nothing bool) string {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && nothing:
		return fmt.Sprintf("no answer within %v", Patience)
	case nothing:
		return "the connection was closed without an answer"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the answer breaks off"
	}
	return err.Error()
}

// parseHead takes the fields as they came: net/http sorts them, and removes some.
func (a *Answer) parseHead() {
	head, _, _ := bytes.Cut(a.Raw, []byte("\r\n\r\n"))
	for i, line := range strings.Split(string(head), "\r\n") {
		if i == 0 {
			a.Version, a.Status, _ = strings.Cut(line, " ")
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		a.Headers = append(a.Headers, Field{name, strings.Trim(value, " \t")})
	}
}

// AnswerOf reads the answer of a recording.
func AnswerOf(from string, raw, request []byte) *Answer {
	a := read(bytes.NewReader(raw), request)
	a.From = from
	return a
}

// field joins all values of a name.
func (a *Answer) field(name string) (string, bool) {
	var values []string
	for _, f := range a.Headers {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return strings.Join(values, ", "), values != nil
}
