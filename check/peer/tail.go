package peer

import (
	"bytes"
	"sync"
)

const keptBytes = 32 << 10 // of what a server printed

// tail keeps the end of what is written to it.
type tail struct {
	mu    sync.Mutex
	kept  []byte
	total int // bytes so far, with those that are not kept any more

	mark   []byte        // what is waited for, and not kept; or nil
	marked chan struct{} // closed when it has come
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept, t.total = append(t.kept, p...), t.total+len(p)
	if t.mark != nil {
		t.findMark()
	}
	if len(t.kept) > keptBytes {
		t.kept = bytes.Clone(t.kept[len(t.kept)-keptBytes:])
	}
	return len(p), nil
}

func (t *tail) findMark() {
	at := bytes.Index(t.kept, t.mark)
	if at < 0 {
		return
	}
	t.kept, t.total = append(t.kept[:at], t.kept[at+len(t.mark):]...), t.total-len(t.mark)
	t.mark = nil
	close(t.marked)
}

// await returns a channel that is closed when the mark has come.
func (t *tail) await(mark []byte) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mark, t.marked = mark, make(chan struct{})
	return t.marked
}

func (t *tail) length() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total
}

func (t *tail) String() string { return t.since(0) }

// since is what came after the first n bytes, as far as it is kept.
func (t *tail) since(n int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept[max(0, len(t.kept)-(t.total-n)):])
}
