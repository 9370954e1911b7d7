package learn

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"glasswsgi/tutorial"
)

func open(t *testing.T, dir string) *Course {
	t.Helper()
	c, err := Open(dir, Options{}, &tutorial.Judge{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPart: the text comes slide by slide, and none of it is left out.
func TestPart(t *testing.T) {
	const page = "# A\n\none\n\n<!-- predict: p -->\n\ntwo\n\n---\n\n<!-- exercise: e -->\n\nthree\n\n---\n\nfour\n"
	c := &tutorial.Chapter{ID: "01"}
	p := Unit{Chapter: c, Question: &tutorial.Question{ID: "p"}}
	e := Unit{Chapter: c, Exercise: &tutorial.Exercise{ID: "e", Chapter: c}}
	for _, row := range []struct {
		unit  Unit
		after bool
		want  string
	}{
		{p, false, "# A\n\none\n"}, {p, true, "two\n"}, {e, false, "two\n"}, {e, true, "three\n|four\n"},
	} {
		if got := strings.Join(part(page, row.unit, row.after), "|"); got != row.want {
			t.Errorf("%s, after: %v: %q", row.unit.ID(), row.after, got)
		}
	}
}

// TestState: what is done is remembered; a file that cannot be read is said to be one, and stays.
func TestState(t *testing.T) {
	dir := t.TempDir()
	c := open(t, dir)
	first := c.Units[0]
	if kept, err := c.Answer(first, "nothing of the kind"); kept != "" || err != nil || c.Done(first) {
		t.Errorf("this is no answer, and is kept: %q, %v", kept, err)
	}
	for _, answer := range []string{"2", strings.Trim(fmt.Sprint(first.Question.Correct), "[]")} {
		if kept, err := c.Answer(first, answer); kept != "2" || err != nil {
			t.Errorf("the first answer counts: %q, %v", kept, err)
		}
	}
	again := open(t, dir)
	if kept, answered := again.Answered(first); !again.Done(first) || kept != "2" || !answered {
		t.Error("it is forgotten")
	}
	if ballot := again.Standing().Ballots[first.ID()]; ballot != "2" {
		t.Errorf("the class hears of %q", ballot)
	}
	if found, ok := Find(filepath.Join(dir, "02-socket")); !ok || !same(t, found, dir) {
		t.Errorf("found %s", found)
	}
	broken := filepath.Join(dir, stateFile)
	if err := os.WriteFile(broken, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{}, &tutorial.Judge{}); err == nil || !strings.Contains(err.Error(), "mend it, or remove it") {
		t.Errorf("%v", err)
	}
}

func same(t *testing.T, a, b string) bool {
	t.Helper()
	x, err := os.Stat(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.Stat(b)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(x, y)
}

// TestNoFolder: where nothing can be written, it says what to do.
func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"": "--dir FOLDER", "zh": "--dir 文件夹"} {
		if _, err := Open(filepath.Join(file, "course"), Options{Lang: lang}, &tutorial.Judge{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v", err)
		}
	}
}

// TestPace: chapters that the class has not reached are locked, and open again.
func TestPace(t *testing.T) {
	c := open(t, t.TempDir())
	c.SetPace("01")
	if err := c.Choose("02/how-long"); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("%v", err)
	}
	if err := c.Choose("01/eight-objects"); err != nil {
		t.Error(err)
	}
	c.SetPace("")
	if err := c.Choose("02/how-long"); err != nil {
		t.Error(err)
	}
}

// TestStanding: the same mistake is counted as long as it is the same.
func TestStanding(t *testing.T) {
	c := open(t, t.TempDir())
	e := "02/always-the-same"
	if err := c.Choose(e); err != nil {
		t.Fatal(err)
	}
	c.state.Mistakes[e] = []string{"bare-lf", "no-head", "bare-lf", "bare-lf"}
	c.state.Attempts[e] = 7
	if s := c.Standing(); s.Unit != e || s.Mistake != "bare-lf" || s.Same != 2 || s.Attempts != 7 || s.Key == "" {
		t.Errorf("%+v", s)
	}
}

// TestResetKeeps: however often one begins anew, nothing that was written is lost.
func TestResetKeeps(t *testing.T) {
	c := open(t, t.TempDir())
	found, err := c.Resolve("always-the-same")
	if err != nil {
		t.Fatal(err)
	}
	e := found[0].Exercise
	file := filepath.Join(c.Work(e).Dir, e.Entry(c.Work(e).Language))
	for _, text := range []string{"first", "second"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if kept, err := c.Reset(e); err != nil || len(kept) != 1 {
			t.Errorf("%v, %v", kept, err)
		}
	}
	for name, want := range map[string]string{".before-reset": "first", ".before-reset-2": "second"} {
		if got, err := os.ReadFile(file + name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if kept, err := c.Reset(e); err != nil || len(kept) != 0 {
		t.Errorf("a stub is nothing to keep: %v, %v", kept, err)
	}
}
