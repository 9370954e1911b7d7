package hub

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// BreakpointKind says what a Breakpoint waits for.
type BreakpointKind string

const (
	// AtStage waits for a step of the server by its Name ("environ", "start_response"), or for every step of the stages
	// "parse" and "respond".
	AtStage BreakpointKind = "stage"
	// AtLine waits for a line: of Python, or of the server's own Go source, where it moves to the next line that makes
	// a step.
	AtLine BreakpointKind = "line"
	// AtUncaught waits for an exception that the application does not catch: one that leaves it, or that a framework has
	// caught, and has written to wsgi.errors with its traceback, as Flask and Django do with what becomes a 500.
	AtUncaught BreakpointKind = "uncaught"
	// AtRaised waits for every exception in the application's own code. It slows Python down.
	AtRaised BreakpointKind = "raised"
	// AtBrokenRule waits for the application to break a rule of PEP 3333.
	AtBrokenRule BreakpointKind = "rule"
)

// Breakpoint is where an exchange is to stop. What is left empty does not matter.
type Breakpoint struct {
	ID   int            `json:"id"` // given by SetBreakpoints; kept where it is not 0
	Kind BreakpointKind `json:"kind"`

	Stage string `json:"stage,omitempty"` // with AtStage; "" is any
	File  string `json:"file,omitempty"`  // with AtLine
	Line  int    `json:"line,omitempty"`

	Method string `json:"method,omitempty"` // of the request: "POST"
	Path   string `json:"path,omitempty"`   // of the request-target without its query, with * and ? as in a shell: "/users/*"

	// Condition is an expression of Python at a line of Python. Elsewhere it is NAME == TEXT or NAME != TEXT, NAME
	// being a variable of the environ or "status"; TEXT may be quoted.
	Condition string `json:"condition,omitempty"`
	// Hits is on which hits to stop: "3" on the third, ">=3" from the third on, "%3" on every third.
	Hits string `json:"hits,omitempty"`
	// Log makes it a log point: it does not stop, but tells the text, in which {EXPRESSION} stands for its value.
	Log string `json:"log,omitempty"`

	Verified bool   `json:"verified"`          // there is such a line, and Line is where it will stop
	Message  string `json:"message,omitempty"` // why it is not, or what to know
	Count    int    `json:"count"`             // hits so far, those of workers not included
}

// matches says whether a breakpoint is for this exchange.
func (b *Breakpoint) matches(r *record) bool {
	if b.Method != "" && !strings.EqualFold(b.Method, r.Method) {
		return false
	}
	if b.Path == "" {
		return true
	}
	target, _, _ := strings.Cut(r.Target, "?")
	ok, _ := path.Match(b.Path, target)
	return ok || r.Target != "" && target == b.Path
}

// check says what is wrong with a breakpoint by its own words: where no such step, no such kind or no such pattern can be.
// Steps of a gateway have names of its protocol: hasStep knows those that have come.
func (b *Breakpoint) check(hasStep func(name string) bool) error {
	if _, err := path.Match(b.Path, ""); err != nil {
		return fmt.Errorf("path %q: %w; write it as in a shell: /users/*", b.Path, err)
	}
	if _, err := hitDue(b.Hits, 1); err != nil {
		return err
	}
	switch b.Kind {
	case AtStage:
		if b.Stage != "" && !groups[b.Stage] && !slices.Contains(StepNames, b.Stage) && !hasStep(b.Stage) {
			return fmt.Errorf("there is no step %q: write one of %s; FILE:LINE; exception, raised or rule", b.Stage, strings.Join(StepNames, ", "))
		}
		_, _, _, err := b.condition()
		return err
	case AtLine:
		if strings.HasSuffix(b.File, ".go") {
			_, _, _, err := b.condition()
			return err
		}
	case AtUncaught, AtRaised, AtBrokenRule:
	default:
		return fmt.Errorf("there is no kind of breakpoint %q", b.Kind)
	}
	return nil
}

// hasStep says whether a step of this name has been recorded. The caller holds the lock.
func (h *Hub) hasStep(name string) bool {
	for of := range h.kinds {
		if of.name == name {
			return true
		}
	}
	return false
}

// condition takes a condition of a stage apart.
func (b *Breakpoint) condition() (name, text string, equal bool, err error) {
	if b.Condition == "" {
		return "", "", true, nil
	}
	if before, after, ok := strings.Cut(b.Condition, "=="); ok {
		name, text, equal = before, after, true
	} else if before, after, ok := strings.Cut(b.Condition, "!="); ok {
		name, text = before, after
	}
	if name = strings.TrimSpace(name); name == "" {
		return "", "", false, fmt.Errorf("condition %q: at a step of the server, write NAME == TEXT or NAME != TEXT; NAME is a variable of the environ, or status", b.Condition)
	}
	return name, unquote(strings.TrimSpace(text)), equal, nil
}

// holds evaluates a condition of a stage.
func (b *Breakpoint) holds(r *record) (bool, error) {
	name, text, equal, err := b.condition()
	if err != nil || name == "" {
		return err == nil, err
	}
	return (r.lookup(name) == text) == equal, nil
}

func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

// due counts a hit, and says whether it is one to stop at.
func (b *Breakpoint) due() (bool, error) {
	b.Count++
	return hitDue(b.Hits, b.Count)
}

func hitDue(hits string, count int) (bool, error) {
	hits = strings.TrimSpace(hits)
	number := strings.TrimLeft(hits, ">=%")
	if hits == "" {
		return true, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || n <= 0 {
		return false, fmt.Errorf("hits %q: write 3, >=3 or %%3", hits)
	}
	switch strings.TrimSpace(hits[:len(hits)-len(number)]) {
	case "", "==":
		return count == n, nil
	case ">=":
		return count >= n, nil
	case ">":
		return count > n, nil
	case "%":
		return count%n == 0, nil
	}
	return false, fmt.Errorf("hits %q: write 3, >=3 or %%3", hits)
}
