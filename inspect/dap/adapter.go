package dap

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/google/go-dap"
)

// Program is a glass that serves and that an adapter talks to.
type Program interface {
	// Dial connects to where it speaks DAP.
	Dial() (net.Conn, error)
	// End ends it, if the adapter started it.
	End()
}

// Output shows text in the editor's console. category is the protocol's: "stdout", or "stderr", which is red.
type Output func(category, text string)

// Starter makes a Program of the arguments of a launch or an attach request. What the program prints goes to output.
type Starter func(request string, arguments json.RawMessage, output Output) (Program, error)

// Adapt is an adapter between an editor, which started this process and talks on in and out, and a glass that serves: it
// answers initialize, starts or finds the program at launch or attach, and then passes on what the two say.
func Adapt(in io.Reader, out io.Writer, start Starter) error {
	a := &adapter{editor: bufio.NewReaderSize(in, maxHeader), out: out}
	initialize, err := a.greet()
	if err != nil || initialize == nil {
		return err
	}
	for {
		content, request, err := a.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch q := request.(type) {
		case *dap.LaunchRequest:
			err = a.run(start, initialize, content, "launch", q.Arguments)
		case *dap.AttachRequest:
			err = a.run(start, initialize, content, "attach", q.Arguments)
		case *dap.DisconnectRequest:
			a.answer(&dap.DisconnectResponse{Response: newResponse(q.GetRequest())})
			return nil
		default:
			err = fmt.Errorf("%s comes before launch or attach", request.GetRequest().Command)
		}
		if err == nil {
			return nil
		}
		a.answer(refusal(request.GetRequest(), err, true))
	}
}

type adapter struct {
	editor *bufio.Reader
	mu     sync.Mutex
	out    io.Writer
}

func (a *adapter) answer(m dap.Message) {
	content, err := json.Marshal(m)
	if err == nil {
		a.pass(content)
	}
}

// pass hands a whole message to the editor.
func (a *adapter) pass(content []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	dap.WriteBaseMessage(a.out, content)
}

// next is the editor's next request.
func (a *adapter) next() ([]byte, dap.RequestMessage, error) {
	content, err := readMessage(a.editor)
	if err != nil {
		return nil, nil, err
	}
	message, err := dap.DecodeProtocolMessage(content)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %v", errNotDAP, err)
	}
	request, ok := message.(dap.RequestMessage)
	if !ok {
		return nil, nil, errNotDAP
	}
	return content, request, nil
}

// greet answers initialize, and returns it: the program is to hear it, too.
func (a *adapter) greet() ([]byte, error) {
	content, request, err := a.next()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	initialize, ok := request.(*dap.InitializeRequest)
	if !ok {
		return nil, fmt.Errorf("the first request is %s, and not initialize", request.GetRequest().Command)
	}
	a.answer(&dap.InitializeResponse{Response: newResponse(&initialize.Request), Body: capabilities})
	return content, nil
}

// run passes messages on until either side leaves. An error means that the program did not come to answer.
func (a *adapter) run(start Starter, initialize, request []byte, name string, arguments json.RawMessage) error {
	program, err := start(name, arguments, a.output)
	if err != nil {
		return err
	}
	defer program.End()
	conn, err := program.Dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReaderSize(conn, maxHeader)
	if err := dap.WriteBaseMessage(conn, initialize); err != nil {
		return err
	}
	if _, err := readMessage(answers); err != nil { // the response that the editor has had from us: nothing comes before it
		return fmt.Errorf("glass did not answer: %w", err)
	}
	if err := dap.WriteBaseMessage(conn, request); err != nil {
		return err
	}
	left := make(chan struct{})
	go func() {
		defer close(left)
		for {
			content, err := readMessage(answers)
			if err != nil {
				return
			}
			a.pass(content)
		}
	}()
	go a.passOn(conn) // the read from the editor cannot be interrupted: when the program has left, the process ends with it
	<-left
	a.answer(&dap.TerminatedEvent{Event: newEvent("terminated")})
	return nil
}

// passOn hands the program what the editor says. An editor says disconnect also when the program has left, and waits for
// the answer.
func (a *adapter) passOn(conn net.Conn) {
	defer conn.Close()
	for {
		content, err := readMessage(a.editor)
		if err != nil {
			return
		}
		if dap.WriteBaseMessage(conn, content) == nil {
			continue
		}
		if message, err := dap.DecodeProtocolMessage(content); err == nil {
			if q, ok := message.(*dap.DisconnectRequest); ok {
				a.answer(&dap.DisconnectResponse{Response: newResponse(q.GetRequest())})
			}
		}
	}
}

func (a *adapter) output(category, text string) {
	a.answer(&dap.OutputEvent{Event: newEvent("output"), Body: dap.OutputEventBody{Category: category, Output: strings.ToValidUTF8(text, "�")}})
}
