package dap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-dap"
)

// Limits of what an editor may send.
const (
	maxHeader  = 4 << 10 // bytes of a message's header part
	maxMessage = 4 << 20 // bytes of a message's content
	maxEditors = 16      // that are connected at a time, of which one has control
)

// errNotDAP says that the peer speaks something else.
var errNotDAP = errors.New("that is no message of the Debug Adapter Protocol: a message begins with Content-Length: N, CR LF, CR LF")

// readMessage reads one message's content. go-dap reads messages, too, but believes any length.
func readMessage(r *bufio.Reader) ([]byte, error) {
	size, header := -1, 0
	for {
		line, err := r.ReadSlice('\n')
		if header += len(line); err != nil || header > maxHeader {
			if err == nil || errors.Is(err, bufio.ErrBufferFull) || header > 0 && errors.Is(err, io.EOF) {
				err = errNotDAP
			}
			return nil, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" && size >= 0 {
			break
		}
		name, value, found := strings.Cut(text, ":")
		if !found || strings.ContainsAny(name, " \t") {
			return nil, errNotDAP
		}
		if !strings.EqualFold(name, "Content-Length") {
			continue
		}
		if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || size < 0 {
			return nil, errNotDAP
		}
	}
	if size > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes, more than %d", size, maxMessage)
	}
	content := make([]byte, size)
	_, err := io.ReadFull(r, content)
	return content, err
}

// sender writes messages, numbers them, and keeps those of several goroutines apart. What cannot be sent is lost: the
// reader of the connection notices.
type sender struct {
	mu  sync.Mutex
	to  io.Writer
	seq int
}

func (s *sender) send(m dap.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	switch m := m.(type) {
	case dap.ResponseMessage:
		m.GetResponse().Seq = s.seq
	case dap.EventMessage:
		m.GetEvent().Seq = s.seq
	}
	dap.WriteProtocolMessage(s.to, m)
}

func newEvent(name string) dap.Event {
	return dap.Event{ProtocolMessage: dap.ProtocolMessage{Type: "event"}, Event: name}
}

func newResponse(to *dap.Request) dap.Response {
	return dap.Response{ProtocolMessage: dap.ProtocolMessage{Type: "response"}, RequestSeq: to.Seq, Success: true, Command: to.Command}
}

// refusal is the response to a request that cannot be done. VS Code pops its text up where loud says so: what a user has
// pressed a key for. What an editor asks by itself, for a hover or a watch, it shows in its place.
func refusal(to *dap.Request, err error, loud bool) *dap.ErrorResponse {
	response := newResponse(to)
	response.Success, response.Message = false, err.Error()
	return &dap.ErrorResponse{Response: response, Body: dap.ErrorResponseBody{Error: &dap.ErrorMessage{Id: 1, Format: escapeFormat(err.Error()), ShowUser: loud}}}
}

// escapeFormat: braces in ErrorMessage.Format name variables.
func escapeFormat(text string) string { return strings.NewReplacer("{", "(", "}", ")").Replace(text) }
