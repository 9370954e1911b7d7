//go:build linux

package command

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// chaosPause is between two requests of a client.
const chaosPause = 40 * time.Millisecond

// way is one way to the nodes, with two clients: one asks by GET and HEAD, one sends POSTs, each with a number of its own.
type way struct {
	name, url string

	mu       sync.Mutex
	phase    string
	reads    map[string]*tally // by phase
	posts    map[string]*tally
	answered []string // numbers of POSTs that were answered well
}

// tally is what a client met in a phase.
type tally struct {
	requests int
	slowest  time.Duration
	bad      []string
}

func newWay(name, url string) *way {
	return &way{name: name, url: url, reads: map[string]*tally{}, posts: map[string]*tally{}}
}

// send sends requests until told to stop.
func (w *way) send(stop chan struct{}) {
	var clients sync.WaitGroup
	defer clients.Wait()
	client := &http.Client{Timeout: deadline, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	clients.Go(func() {
		for i := 0; next(stop); i++ {
			w.request(client, []string{"GET", "HEAD"}[i%2], "")
		}
	})
	clients.Go(func() {
		for i := 0; next(stop); i++ {
			w.request(client, "POST", fmt.Sprintf("%s-%d", w.name, i))
		}
	})
}

func next(stop chan struct{}) bool {
	select {
	case <-stop:
		return false
	case <-time.After(chaosPause):
		return true
	}
}

// request counts for the phase in which it began.
func (w *way) request(client *http.Client, method, number string) {
	w.mu.Lock()
	phase := w.phase
	w.mu.Unlock()
	begun := time.Now()
	problem := askNode(client, method, w.url, number)
	took := time.Since(begun)
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.reads
	if method == "POST" {
		all = w.posts
		if problem == "" {
			w.answered = append(w.answered, number)
		}
	}
	if all[phase] == nil {
		all[phase] = &tally{}
	}
	t := all[phase]
	t.requests++
	t.slowest = max(t.slowest, took)
	if problem != "" {
		t.bad = append(t.bad, fmt.Sprintf("%s after %v", problem, took.Round(time.Millisecond)))
	}
}

// askNode returns what was wrong with the answer. The number is the body of the request and of the answer.
func askNode(client *http.Client, method, url, number string) string {
	request, err := http.NewRequest(method, url, io.NopCloser(strings.NewReader(number))) // which net/http sends once
	if err != nil {
		return err.Error()
	}
	request.ContentLength = int64(len(number))
	response, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err.Error()
	case response.StatusCode != 200:
		return response.Status
	case method != "HEAD" && string(body) != "answer to "+number:
		return fmt.Sprintf("%q", body)
	}
	return ""
}

// count is how many answers there were.
func (w *way) count() (reads, posts int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.reads {
		reads += t.requests
	}
	for _, t := range w.posts {
		posts += t.requests
	}
	return reads, posts
}

// begin names the phase that requests belong to from now on.
func (w *way) begin(phase string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phase = phase
}

// hold compares what clients met with what they may meet: GET and HEAD never an error, POST none where nodes leave in
// peace; what was answered was executed, and nothing twice.
func (w *way) hold(t *testing.T, record string, phases []string, peaceful map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	executed := map[string]int{}
	for _, number := range strings.Fields(string(text)) {
		executed[number]++
	}
	for number, times := range executed {
		if strings.HasPrefix(number, w.name+"-") && times > 1 {
			t.Errorf("POST %s was executed %d times", number, times)
		}
	}
	for _, number := range w.answered {
		if executed[number] == 0 {
			t.Errorf("POST %s was answered, and not executed", number)
		}
	}
	for _, phase := range phases {
		reads, posts := w.reads[phase], w.posts[phase]
		if reads == nil || posts == nil {
			t.Errorf("%s: no request in the phase: %s", w.name, phase)
			continue
		}
		t.Logf("%-8s %-16s GET, HEAD: %3d, bad %d, slowest %v; POST: %3d, bad %d, slowest %v %s", w.name, phase, reads.requests, len(reads.bad),
			reads.slowest.Round(time.Millisecond), posts.requests, len(posts.bad), posts.slowest.Round(time.Millisecond), strings.Join(posts.bad, ", "))
		if len(reads.bad) > 0 {
			t.Errorf("%s, %s: GET and HEAD: %s", w.name, phase, slices.Compact(reads.bad))
		}
		if len(posts.bad) > 0 && peaceful[phase] {
			t.Errorf("%s, %s: POST: %s", w.name, phase, slices.Compact(posts.bad))
		}
	}
}
