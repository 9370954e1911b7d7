package examples

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

// pythonFiles are the examples, as the README names them.
func pythonFiles(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if entry.IsDir() && (path == "testdata" || entry.Name() == "__pycache__") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".py" {
			names = append(names, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestDocuments: every example is tested, is listed in README.md, and opens with the command that runs it.
func TestDocuments(t *testing.T) {
	readme := fileText("README.md")
	tested := fileText("examples_test.go") + fileText("broken_test.go") + fileText("middleware_test.go") +
		fileText("frameworks_test.go") + fileText("applications_test.go")
	for _, name := range pythonFiles(t) {
		if strings.HasPrefix(name, "frameworks/django_site/") {
			name = "frameworks/django_site/wsgi.py"
		}
		if !strings.Contains(readme, "("+name+")") {
			t.Errorf("README.md has no link to %s", name)
		}
		base := strings.TrimSuffix(filepath.Base(name), ".py")
		if !strings.Contains(tested, base) && name != "frameworks/django_site/wsgi.py" {
			t.Errorf("no test mentions %s", name)
		}
		if text := fileText(name); !strings.HasPrefix(text, `"""`) || !strings.Contains(text, "\nRun:") {
			t.Errorf("%s does not open with a docstring that has a Run: line", name)
		}
	}
}

// TestCurlLines runs the lines after "Try:" of the docstrings against the application that they stand in.
func TestCurlLines(t *testing.T) {
	suite.Program(t, "curl")
	for _, e := range examples {
		file, _, _ := strings.Cut(e.app, ":")
		lines := tryLines(fileText(file))
		if len(lines) == 0 {
			t.Errorf("%s has no Try: line", e.app)
		}
		t.Run(e.app, func(t *testing.T) {
			t.Parallel()
			url := serve(t, "examples/"+e.app)
			for _, line := range lines {
				cmd := exec.Command("sh", "-c", strings.ReplaceAll(line, "http://127.0.0.1:8888", url))
				cmd.Dir = root
				cmd.Env = append(os.Environ(), "NO_PROXY=127.0.0.1")
				if out, err := cmd.CombinedOutput(); err != nil || len(out) == 0 {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
		})
	}
}

var (
	tryPart = regexp.MustCompile(`(?m)^Try:.*\n(?:      .*\n)*`)
	remark  = regexp.MustCompile(`\s{2,}\(.*\)$`)
)

// tryLines are the shell commands of the docstring's last part, without the remarks in parentheses.
func tryLines(text string) (lines []string) {
	part := strings.TrimPrefix(tryPart.FindString(text), "Try:")
	for line := range strings.Lines(part) {
		if line = remark.ReplaceAllString(strings.TrimSpace(line), ""); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
