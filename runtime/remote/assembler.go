package remote

import (
	"encoding/binary"
	"strconv"
	"time"

	"glasswsgi/runtime/wsgi"
)

// assembler makes messages of a response. It implements wsgi.Assembler, and wsgi.Watcher, which tells who answers.
type assembler struct {
	task     *task
	response *wsgi.Response
	by       string
	status   int
	bytes    int64
}

// SendHead implements wsgi.Assembler.
func (a *assembler) SendHead(h wsgi.Head) error {
	a.status, _ = strconv.Atoi(h.Status[:3])
	by := a.task.post.node.Name
	if a.by != "" {
		by += ", " + a.by
	}
	return a.task.publish(appendHead(&h, by))
}

// SendBody sends a block at once, as soon as the front has room for it.
func (a *assembler) SendBody(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), largest, int(a.task.post.nc.MaxPayload())-1)
		if err := a.task.spend(n); err != nil {
			return err
		}
		if err := a.task.publish(append(message(block), b[:n]...)); err != nil {
			return err
		}
		a.bytes += int64(n)
		b = b[n:]
	}
	return nil
}

// SendEnd says how many messages there were, so that the front sees where one is missing.
func (a *assembler) SendEnd() error { return a.task.publish(numbered(over, a.task.sent.Load())) }

// count tells who counts.
func (a *assembler) count(failed error) {
	answered := a.task.post.node.Answered
	if answered == nil {
		return
	}
	if failed != nil && !a.response.HeadSent() {
		a.status = 500
		if failure, ok := failed.(wsgi.Failure); ok {
			a.status = failure.StatusCode()
		}
	}
	answered(a.status, time.Since(a.task.begun), a.bytes)
}

// Returned implements wsgi.Watcher.
func (a *assembler) Returned(i wsgi.Iterable) {
	if who, ok := i.(wsgi.Answerer); ok {
		a.by = who.By()
	}
}

func (a *assembler) Called()                              {}
func (a *assembler) Started(string, []wsgi.Header, error) {}
func (a *assembler) Yielded([]byte)                       {}
func (a *assembler) Wrote([]byte)                         {}
func (a *assembler) Closes()                              {}

// appendState writes how a node is.
func appendState(id string, threads, free int, leaves bool) []byte {
	b := appendText(message(state), id)
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(threads)), uint64(free))
	return appendBoolean(b, leaves)
}
