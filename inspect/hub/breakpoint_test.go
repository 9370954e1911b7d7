package hub

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestStepNames holds StepNames to the source of the packages that make steps.
func TestStepNames(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../server/front/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	named := regexp.MustCompile(`\bStep\{.*Name: "([^"]+)"|step\.Name, step\.Spec = "([^"]+)"|parser\.\w+: +\{"([^"]+)"|\bname, spec(?:, start)? :?= "([^"]+)"|\bname = "([^"]+)"`)
	var found []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range named.FindAllStringSubmatch(string(text), -1) {
			found = append(found, strings.Join(match[1:], ""))
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	want := slices.Sorted(slices.Values(StepNames))
	if !slices.Equal(found, want) {
		t.Errorf("the source has %q\nStepNames    %q", found, want)
	}
}

// TestBreakpointsThatCannotStop: each is refused with a word that helps.
func TestBreakpointsThatCannotStop(t *testing.T) {
	t.Parallel()
	h := New(Options{})
	defer h.Close()
	h.Debugger() // as if there were workers
	s, err := h.Attach("test")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.TakeControl(); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		b    Breakpoint
		want string // of the message; "": it is good
	}{
		{Breakpoint{Kind: AtStage, Stage: "nonsense"}, "there is no step \"nonsense\": write one of accept,"},
		{Breakpoint{Kind: AtStage, Stage: "Environ"}, "there is no step"},
		{Breakpoint{Kind: "nonsense"}, "no kind of breakpoint"},
		{Breakpoint{Kind: AtStage, Stage: "call", Condition: "PATH_INFO"}, "NAME == TEXT"},
		{Breakpoint{Kind: AtStage, Stage: "call", Condition: "== x"}, "NAME == TEXT"},
		{Breakpoint{Kind: AtStage, Stage: "call", Path: "/[a"}, "as in a shell"},
		{Breakpoint{Kind: AtStage, Stage: "call", Hits: "often"}, "write 3"},
		{Breakpoint{Kind: AtStage, Stage: ""}, ""},
		{Breakpoint{Kind: AtStage, Stage: "parse"}, ""},
		{Breakpoint{Kind: AtStage, Stage: "respond"}, ""},
		{Breakpoint{Kind: AtStage, Stage: "write()"}, ""},
		{Breakpoint{Kind: AtStage, Stage: "call", Condition: "PATH_INFO != '/a'", Path: "/users/*", Hits: "%3"}, ""},
		{Breakpoint{Kind: AtBrokenRule}, ""},
	} {
		set, err := s.SetBreakpoints([]Breakpoint{row.b})
		if err != nil {
			t.Fatal(err)
		}
		if got := set[0]; got.Verified != (row.want == "") || !strings.Contains(got.Message, row.want) {
			t.Errorf("%+v: %v %q", row.b, got.Verified, got.Message)
		}
	}
}
