package stepper

import "testing"

// TestAsPDB: what is typed for Python's debugger does here what it does there.
func TestAsPDB(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ word, rest, want string }{
		{"d", "", "down "}, {"delete", "", "delete "}, {"l", "", "source "}, {"r", "", "out "}, {"bt", "", "where "},
		{"b", "app.py:3", "break app.py:3"}, {"b", "", "b "}, {"!name", "+ '?'", "print name + '?'"}, {"step", "", "step "},
	} {
		if word, rest := asPDB(row.word, row.rest); word+" "+rest != row.want {
			t.Errorf("%s %s: %s %s, want %s", row.word, row.rest, word, rest, row.want)
		}
	}
	if got := unknown("total", "total = 5").Error(); got != `there is no command "total"; set total = 5 changes a variable, and help lists the commands` {
		t.Error(got)
	}
}
