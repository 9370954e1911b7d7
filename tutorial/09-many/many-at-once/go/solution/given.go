// The application of the checks.
package main

import (
	"encoding/json"
	"strings"
	"sync"
	"time"
)

const party = 4 // so many requests to /meet/... wait for each other

// pages shows three keys of the environ as JSON. Below /meet/, it waits until party requests are here at the same time.
func pages(e environ, start startResponse) iterable {
	if strings.HasPrefix(e["PATH_INFO"].(string), "/meet/") && !meeting.wait() {
		panic("the others did not come")
	}
	page, _ := json.Marshal(map[string]any{
		"PATH_INFO": e["PATH_INFO"], "wsgi.multithread": e["wsgi.multithread"], "wsgi.multiprocess": e["wsgi.multiprocess"],
	})
	start("200 OK", fields{{"Content-Type", "application/json"}}, nil)
	return iterable{len(page), func(yield func([]byte)) { yield(page) }}
}

// barrier lets nobody through before all are there.
type barrier struct {
	sync.Mutex
	waiting int
	open    chan struct{}
}

var meeting = barrier{open: make(chan struct{})}

func (b *barrier) wait() bool {
	b.Lock()
	open := b.open
	if b.waiting++; b.waiting == party {
		close(open)
		b.waiting, b.open = 0, make(chan struct{})
	}
	b.Unlock()
	select {
	case <-open:
		return true
	case <-time.After(patience):
		b.Lock()
		defer b.Unlock()
		if b.open == open {
			b.waiting--
		}
		return false
	}
}
