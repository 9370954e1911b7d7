package live

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"glasswsgi/check/client"
	"glasswsgi/tutorial"
)

// callOf is the call to look at, if somebody looks: the one that failed, or the last. What is put into the environ by hand
// can be in no request.
func (i *Inspector) callOf(a *tutorial.Attempt) (call tutorial.Call, found bool) {
	if i.options.Start == nil || !i.hub.Looked() {
		return call, false
	}
	for _, o := range a.Outcomes {
		if c := o.Check.Call; c != nil && len(c.Environ) == 0 {
			if filled, err := c.Filled(o.Random); err == nil {
				call, found = filled, true
			}
		}
		if !o.Passed {
			break
		}
	}
	return call, found
}

// callTime is for a call: the learner may hold it up in the debugger.
const callTime = 10 * time.Minute

// call sends the request of a call to glass with the same application: what the check saw from outside is seen there line
// by line.
func (i *Inspector) call(e *tutorial.Exercise, call tutorial.Call) {
	p, err := i.place(e)
	if err != nil {
		return
	}
	i.glass.choose(e, call.App)
	go func() {
		i.glass.start(p) // its time is no part of the call's
		address := p.glass.Addr().String()
		socket, err := client.Dial(i.ctx, "tcp", address, client.Limits{Time: callTime})
		if err != nil {
			return
		}
		defer socket.Close()
		defer context.AfterFunc(i.ctx, func() { socket.Close() })()
		socket.Write(requestOf(call, address))
		io.Copy(io.Discard, socket)
	}()
}

// requestOf is the request that becomes the environ of a call.
func requestOf(c tutorial.Call, host string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", c.Method, c.Target, host)
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		fmt.Fprintf(&b, "%s: %s\r\n", name, c.Headers[name])
	}
	body := []rune(c.Body)
	if len(body) > 0 {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	for _, r := range body {
		b.WriteByte(byte(r)) // Latin-1
	}
	return b.Bytes()
}
