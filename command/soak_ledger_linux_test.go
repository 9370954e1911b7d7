package command

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// soakLedger is the environment variable that names the file in which an application leaves its lines.
const soakLedger = "SOAK_LEDGER"

// outcome is what became of a request, as its client sees it.
type outcome int

const (
	pending    outcome = iota
	answered           // whole, and with what it asked for
	refused            // whole, with a status of 500 or more
	cut                // an answer began, and was visibly cut off
	unanswered         // the connection ended, and not a byte of an answer had come
	left               // the client did not wait
	outcomes
)

func (o outcome) String() string {
	return [outcomes]string{"pending", "answered", "refused", "cut", "unanswered", "left"}[o]
}

// entry is a request.
type entry struct {
	kind    string
	outcome outcome
	excused bool // the soak did harm meanwhile that may have become its outcome
}

// ledger has every request that was sent to a server, and what is wrong with any.
type ledger struct {
	path    string // of the application's lines
	repeats bool   // a request that may be made again is, where its node is lost

	mu      sync.Mutex
	entries []entry // by id
	harms   int     // how often the soak began to do harm
	harming int     // how much of it goes on
	wrong   []string
}

// begin gives a request its id. It says how much harm was done until now, for end.
func (l *ledger) begin(kind string) (id, harms int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, entry{kind: kind, excused: l.harming > 0})
	return len(l.entries) - 1, l.harms
}

// end notes what became of a request, and says whether the soak's harm excuses it.
func (l *ledger) end(id, harms int, o outcome) (excused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &l.entries[id]
	e.outcome, e.excused = o, e.excused || l.harms != harms
	return e.excused
}

// harm marks the time in which the soak kills, or starves. A request that overlaps it may fail, visibly.
func (l *ledger) harm(do func()) {
	l.mu.Lock()
	l.harms++
	l.harming++
	l.mu.Unlock()
	do()
	l.mu.Lock()
	l.harming--
	l.mu.Unlock()
}

// mostWrong is how much of what is wrong is told.
const mostWrong = 20

func (l *ledger) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.wrong) < mostWrong {
		l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
	}
}

func (l *ledger) count(o outcome) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if e.outcome == o {
			n++
		}
	}
	return n
}

// balance compares what clients saw with what the application did, after the last call has ended.
func (l *ledger) balance(t *testing.T) {
	called, closed := l.lines(t, "called"), l.lines(t, "closed")
	for id, e := range l.entries {
		what := fmt.Sprintf("request %d (%s, %v, excused: %v)", id, e.kind, e.outcome, e.excused)
		switch n := called[id]; {
		case n > 1 && !(l.repeats && e.excused && soakKinds[e.kind].method != "POST"):
			l.note("%s was executed %d times", what, n)
		case n == 0 && e.outcome == answered:
			l.note("%s was not executed", what)
		case n == 1 && e.outcome == unanswered && !e.excused:
			l.note("%s was executed, and its client cannot know", what)
		case e.outcome == pending:
			l.note("%s has no outcome", what)
		}
		switch n := closed[id]; {
		case n > max(1, called[id]):
			l.note("%s was closed %d times", what, n)
		case n == 0 && called[id] == 1 && soakKinds[e.kind].closes && !e.excused:
			l.note("%s was not closed", what)
		}
	}
	var counts strings.Builder
	for o := range outcomes {
		fmt.Fprintf(&counts, " %d %v,", l.count(o), o)
	}
	t.Logf("%d requests:%s %d times harmed", len(l.entries), strings.TrimSuffix(counts.String(), ","), l.harms)
	if l.count(answered) == 0 {
		l.note("nothing was answered")
	}
	for _, text := range l.wrong {
		t.Error(text)
	}
}

// lines are how many lines of a kind each request has.
func (l *ledger) lines(t *testing.T, kind string) map[int]int {
	file, err := os.Open(l.path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := map[int]int{}
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		var what string
		var id int
		if _, err := fmt.Sscan(scanner.Text(), &what, &id); err != nil || id < 0 || id >= len(l.entries) {
			l.note("the application wrote %q: %v", scanner.Text(), err)
		}
		if what == kind {
			lines[id]++
		}
	}
	return lines
}
