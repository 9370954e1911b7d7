// The application of the checks.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"time"
)

const party = 4 // so many requests to /meet/... wait for each other

// pages shows three keys of the environ as JSON, and how many connections there are. Below /meet/, it waits until party requests are here at the same time.
func pages(e environ, start startResponse) iterable {
	if strings.HasPrefix(e["PATH_INFO"].(string), "/meet/") && !meeting.wait() {
		panic("the others did not come")
	}
	page, _ := json.Marshal(map[string]any{
		"PATH_INFO": e["PATH_INFO"], "wsgi.multithread": e["wsgi.multithread"], "wsgi.multiprocess": e["wsgi.multiprocess"],
		"connections": connections(),
	})
	start("200 OK", fields{{"Content-Type", "application/json"}}, nil)
	return iterable{len(page), func(yield func([]byte)) { yield(page) }}
}

// connections is how many this process has accepted and not closed; nil, where the system does not say it as Linux does.
func connections() any {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	sockets := -1 // one is for listening
	for _, file := range files {
		if name, err := os.Readlink("/proc/self/fd/" + file.Name()); err == nil && strings.HasPrefix(name, "socket:") {
			sockets++
		}
	}
	return sockets
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
