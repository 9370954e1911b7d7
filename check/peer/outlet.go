package peer

import (
	"crypto/rand"
	"io"
	"os"
	"sync"
	"time"
)

const heldOpen = time.Second // for the end of a server's output, which a process that it started may hold open

// outlet is the pipe that a server prints to. We hold an end of it, too: what we write comes out after all that the server
// had written before, so that none of that is still under way.
type outlet struct {
	tail
	in       *os.File
	out      *os.File
	ended    chan struct{} // closed at the end of the pipe
	draining sync.Mutex
}

func openOutlet() (*outlet, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o := &outlet{in: in, out: out, ended: make(chan struct{})}
	go func() {
		io.Copy(&o.tail, out)
		close(o.ended)
	}()
	return o, nil
}

// drain waits until all has come that was printed so far.
func (o *outlet) drain() {
	o.draining.Lock()
	defer o.draining.Unlock()
	mark := []byte("\x00" + rand.Text())
	marked := o.await(mark)
	if _, err := o.in.Write(mark); err != nil {
		<-o.ended // it is being closed
	}
	select {
	case <-marked:
	case <-o.ended:
	}
}

func (o *outlet) close() {
	o.in.Close()
	select {
	case <-o.ended:
	case <-time.After(heldOpen):
	}
	o.out.Close()
	<-o.ended
}
