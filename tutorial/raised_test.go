package tutorial

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRaised: what a program printed is read, with the learner's own line; what is cut, or none, is not made up.
func TestRaised(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"server.py": "import x\n\nx.send('a')\n", "main.go": "package main\n\nfunc f() { g() }\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	python := "Traceback (most recent call last):\n  File \"DIR/server.py\", line 3, in <module>\n    x.send('a')\n    ~~~~~~^^^^^\n"
	goroutine := "panic: runtime error: index out of range [1] with length 1\n\ngoroutine 1 [running]:\n"
	for _, row := range []struct {
		what, printed, want string
		slip                bool
	}{
		{"the learner's own line", python + "TypeError: a bytes-like object is required, not 'str'\n", "TypeError: a bytes-like object is required, not 'str'\nserver.py, line 3: x.send('a')", true},
		{"below the learner's line", python + "  File \"/lib/x.py\", line 9, in send\n    raise\nTypeError: no\n", "TypeError: no\nserver.py, line 3: x.send('a')", false},
		{"no slip: a peer may cause it", python + "BrokenPipeError: [Errno 32] Broken pipe\n", "BrokenPipeError: [Errno 32] Broken pipe\nserver.py, line 3: x.send('a')", false},
		{"the last of two", python + "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n" + python + "NameError: b\n", "NameError: b\nserver.py, line 3: x.send('a')", true},
		{"without a path", strings.ReplaceAll(python, "DIR/", "") + "NameError: b\n", "NameError: b\nserver.py, line 3: x.send('a')", true},
		{"cut", python, "", false},
		{"nothing", "> GET / HTTP/1.0\n", "", false},
		{"a panic", goroutine + "main.f(...)\n\tDIR/main.go:3 +0x1d\n", "panic: runtime error: index out of range [1] with length 1\nmain.go, line 3: func f() { g() }", true},
		{"a panic elsewhere", goroutine + "strings.f(...)\n\t/go/strings.go:3\nmain.f(...)\n\tDIR/main.go:3 +0x1d\n", "panic: runtime error: index out of range [1] with length 1\nmain.go, line 3: func f() { g() }", false},
	} {
		got, o := "", &Outcome{Check: &Check{}, Raised: findRaised(strings.ReplaceAll(row.printed, "DIR", dir), dir)}
		if o.Raised != nil {
			got = o.Raised.String()
		}
		if got != row.want || o.slipped() != row.slip {
			t.Errorf("%s: %q, a slip: %v", row.what, got, o.slipped())
		}
	}
}
