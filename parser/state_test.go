package parser

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "print the table of states into docs/PARSER.md")

// TestEveryTransition takes one row after the other out of the table, and wants that some message then leads nowhere:
// with an error that is not the peer's.
func TestEveryTransition(t *testing.T) {
	for _, row := range transitions {
		nextStates[row.from][row.read] = nowhere
		if !someMessageIsLost(StateError{row.from, inputNames[row.read]}) {
			t.Errorf("no message needs the move from %v by %q", row.from, inputNames[row.read])
		}
		nextStates[row.from][row.read] = row.to
	}
}

func someMessageIsLost(want StateError) bool {
	for _, b := range tables {
		for _, r := range b.rows {
			var lost *StateError
			if input := b.input(r); len(input) < 1000 && errors.As(firstError(b.limits, input), &lost) && *lost == want {
				return true
			}
		}
	}
	return false
}

// firstError feeds byte by byte, so that content comes in more than one piece.
func firstError(limits Limits, input string) error {
	p := New(limits)
	for i := range len(input) {
		p.Feed([]byte(input[i : i+1]))
		for event := (Event{Kind: GotEnd}); event.Kind != NeedData; {
			var err error
			if event, err = p.Next(); err != nil {
				return err
			}
			if event.Kind == GotEnd {
				p.NextRequest()
			}
		}
	}
	return nil
}

// TestAMoveThatIsNotInTheTable is an error of ours, and stays.
func TestAMoveThatIsNotInTheTable(t *testing.T) {
	p := New(DefaultLimits)
	p.Feed([]byte("GET / HTTP/1.1\r\n"))
	p.Next()
	p.move(readLastChunk)
	const want = `a bug in glass: the parser read "chunk-size 0" in state ExpectFieldLine, and its table has no such move`
	for range 2 {
		event, err := p.Next()
		var syntax *SyntaxError
		if err == nil || err.Error() != want || errors.As(err, &syntax) || event.Kind != NeedData {
			t.Errorf("%v %v", event, err)
		}
	}
	if err := p.EndOfInput(); err == nil || err.Error() != want {
		t.Errorf("EndOfInput: %v", err)
	}
}

// TestTheTableHasRoom: nextStates is looked into without a check of its bounds.
func TestTheTableHasRoom(t *testing.T) {
	if stateCount > tableSize || inputCount > tableSize || tableSize&(tableSize-1) != 0 {
		t.Errorf("%d states and %d inputs in a table of %d", stateCount, inputCount, tableSize)
	}
	if len(transitions) != 21 {
		t.Errorf("%d transitions", len(transitions))
	}
}

const tableDocument = "../docs/PARSER.md"

// TestTheDiagramIsTheTable prints the table of states, and wants it in the document.
func TestTheDiagramIsTheTable(t *testing.T) {
	document, err := os.ReadFile(tableDocument)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := bytes.Cut(document, []byte("```mermaid\n"))
	_, after, closed := bytes.Cut(rest, []byte("```\n"))
	if !found || !closed {
		t.Fatalf("%s has no diagram", tableDocument)
	}
	want := string(before) + "```mermaid\n" + diagram() + "```\n" + string(after)
	if string(document) == want {
		return
	}
	if !*update {
		t.Fatalf("%s does not have the table of state.go: go test ./parser -run TestTheDiagramIsTheTable -update", tableDocument)
	}
	if err := os.WriteFile(tableDocument, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// diagram is the table in Mermaid's language for state diagrams.
func diagram() string {
	text := strings.Builder{}
	text.WriteString("stateDiagram-v2\n    [*] --> " + ExpectRequestLine.String() + "\n")
	for _, row := range transitions {
		fmt.Fprintf(&text, "    %v --> %v: %s\n", row.from, row.to, inputNames[row.read])
	}
	return text.String()
}

func TestNames(t *testing.T) {
	for s := range stateCount {
		if !strings.HasPrefix(s.String(), "Expect") && s != Failed {
			t.Errorf("state %d is called %v", s, s)
		}
	}
	for i := range inputCount {
		if inputNames[i] == "" {
			t.Errorf("input %d has no name", i)
		}
	}
	for k := range GotEnd + 1 {
		if !strings.HasPrefix(k.String(), "Got") && k != NeedData {
			t.Errorf("kind %d is called %v", k, k)
		}
	}
	if State(99).String() != "State(?)" || Kind(99).String() != "Kind(?)" {
		t.Error("unknown constants have no name")
	}
}
