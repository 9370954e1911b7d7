package class

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a room.
const (
	MaxLearners = 200
	MaxName     = 32 // characters
	maxField    = 64 // bytes of an id
	maxBallots  = 100
	stuckAfter  = 5 // failures of the same mistake, one after the other
)

// Report is all that a learner's program sends.
type Report struct {
	Name     string `json:"name"`
	Key      string `json:"key"`  // made by the learner's program: the name belongs to whoever came first
	Unit     string `json:"unit"` // 02/always-the-same
	Passed   bool   `json:"passed"`
	Attempts int    `json:"attempts"`
	Mistake  string `json:"mistake"` // an id of the course
	Same     int    `json:"same"`    // how often it was made, one after the other
	Done     int    `json:"done"`    // units
	Status   string `json:"status"`  // green, orange, help

	Ballots map[string]string `json:"ballots"` // the first answer to each question, as tutorial.Question counts it
}

// Reply is what a learner's program is told.
type Reply struct {
	Pace string `json:"pace"` // the last chapter that is open; "" for all
}

// Statuses are the notes that people stick to their screens.
var Statuses = []string{"", "green", "orange", "help"}

// Row is a learner on the board.
type Row struct {
	Report
	Seen time.Time
}

// Stuck says that somebody makes the same mistake again and again.
func (r Row) Stuck() bool { return !r.Passed && r.Mistake != "" && r.Same >= stuckAfter }

// Chapter is where the learner is.
func (r Row) Chapter() string { chapter, _, _ := strings.Cut(r.Unit, "/"); return chapter }

// Board is what is known of a room.
type Board struct {
	mu        sync.Mutex
	rows      map[string]*Row
	pace      string
	asked     string // the question that was answered last
	listeners map[chan struct{}]bool
}

// NewBoard is an empty one.
func NewBoard() *Board {
	return &Board{rows: map[string]*Row{}, listeners: map[chan struct{}]bool{}}
}

// Errors of reports.
var (
	errName  = fmt.Errorf("a name has 1 to %d letters, digits, spaces, dots or hyphens", MaxName)
	errTaken = errors.New("somebody else has this name: choose another with --as")
	errFull  = fmt.Errorf("the class is full: %d learners", MaxLearners)
	errField = errors.New("this is no report of glass learn")
)

// Take puts a report on the board.
func (b *Board) Take(r Report, now time.Time) (Reply, error) {
	r.Name = strings.TrimSpace(r.Name)
	if err := r.validate(); err != nil {
		return Reply{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	row := b.rows[r.Name]
	switch {
	case row != nil && row.Key != r.Key:
		return Reply{}, errTaken
	case row == nil && len(b.rows) >= MaxLearners:
		return Reply{}, errFull
	}
	for unit, ballot := range r.Ballots {
		if row != nil && row.Ballots[unit] != ballot {
			b.asked = unit
		}
	}
	b.rows[r.Name] = &Row{Report: r, Seen: now}
	b.tell()
	return Reply{Pace: b.pace}, nil
}

func (r *Report) validate() error {
	if n := utf8.RuneCountInString(r.Name); n == 0 || n > MaxName || !utf8.ValidString(r.Name) {
		return errName
	}
	for _, c := range r.Name {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) && !strings.ContainsRune(" .-_", c) {
			return errName
		}
	}
	fields := []string{r.Key, r.Unit, r.Mistake}
	for unit, ballot := range r.Ballots {
		fields = append(fields, unit, ballot)
	}
	for _, field := range fields {
		if len(field) > maxField || strings.Trim(field, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/") != "" {
			return errField
		}
	}
	if len(r.Ballots) > maxBallots || r.Key == "" || r.Attempts < 0 || r.Same < 0 || r.Done < 0 || !slices.Contains(Statuses, r.Status) {
		return errField
	}
	return nil
}

// tell wakes those who watch the board. The lock is held.
func (b *Board) tell() {
	for ch := range b.listeners {
		select {
		case ch <- struct{}{}:
		default: // it knows already that something is new
		}
	}
}

// Watch is told when something has changed.
func (b *Board) Watch() (changed <-chan struct{}, stop func()) {
	ch := make(chan struct{}, 1)
	b.mu.Lock()
	b.listeners[ch] = true
	b.mu.Unlock()
	return ch, func() {
		b.mu.Lock()
		delete(b.listeners, ch)
		b.mu.Unlock()
	}
}

// SetPace opens the chapters up to one; "" opens all.
func (b *Board) SetPace(chapter string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pace = chapter
	b.tell()
}

// Rows are the learners: who wants help first, then who is stuck, then by name.
func (b *Board) Rows() (rows []Row, pace string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, row := range b.rows {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(x, y Row) int {
		if d := y.urgency() - x.urgency(); d != 0 {
			return d
		}
		return strings.Compare(x.Name, y.Name)
	})
	return rows, b.pace
}

// Asked is the question that somebody answered last.
func (b *Board) Asked() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

func (r Row) urgency() int {
	switch {
	case r.Status == "help":
		return 2
	case r.Stuck():
		return 1
	}
	return 0
}

// WriteCSV writes the board as a table for spreadsheets.
func (b *Board) WriteCSV(w io.Writer) error {
	rows, _ := b.Rows()
	out := csv.NewWriter(w)
	out.Write([]string{"name", "chapter", "unit", "passed", "attempts", "mistake", "stuck", "status", "done", "seen"})
	for _, r := range rows {
		out.Write([]string{
			plain(r.Name), r.Chapter(), r.Unit, strconv.FormatBool(r.Passed), strconv.Itoa(r.Attempts), r.Mistake,
			strconv.FormatBool(r.Stuck()), r.Status, strconv.Itoa(r.Done), r.Seen.Format(time.RFC3339),
		})
	}
	out.Flush()
	return out.Error()
}

// plain keeps a spreadsheet from taking a name for a formula.
func plain(name string) string {
	if strings.ContainsAny(name[:1], "=+-@") {
		return "'" + name
	}
	return name
}
