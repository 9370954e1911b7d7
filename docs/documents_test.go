package docs

import (
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var simplified = regexp.MustCompile(`(?m)^\s*(?://|#) Simplified: (.*(?:\n\s*(?://|#) .*)*)`)

// TestSimplified: what the code says of itself is what the README says of it.
func TestSimplified(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(readme), "## What this server is not")
	list, _, _ = strings.Cut(list, "\n## ")
	listed := map[string]bool{}
	for line := range strings.Lines(list) {
		if item, ok := strings.CutPrefix(line, "- "); ok {
			listed[strings.TrimSpace(item)] = false
		}
	}
	sources(t, func(path, text string) {
		for _, match := range simplified.FindAllStringSubmatch(text, -1) {
			said := strings.TrimSuffix(strings.Join(strings.Fields(regexp.MustCompile(`\n\s*(//|#)`).ReplaceAllString(match[1], "")), " "), ".")
			if _, ok := listed[said]; !ok {
				t.Errorf("%s: the README does not list %q", path, said)
			}
			listed[said] = true
		}
	})
	for item, found := range listed {
		if !found {
			t.Errorf("the README lists %q, and no code says so", item)
		}
	}
}

// sources visits the Go and Python files that are not tests.
func sources(t *testing.T, visit func(path, text string)) {
	t.Helper()
	walk(t, func(path string) {
		ext := filepath.Ext(path)
		if ext != ".go" && ext != ".py" || strings.HasSuffix(path, "_test.go") {
			return
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		visit(path, string(text))
	})
}

func walk(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if !entry.IsDir() {
			visit(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// documents visits the Markdown files.
func documents(t *testing.T, visit func(path, text string)) {
	t.Helper()
	walk(t, func(path string) {
		if filepath.Ext(path) != ".md" {
			return
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		visit(path, string(text))
	})
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	codePath = regexp.MustCompile("`([a-z_]+/[a-z_/]+\\.(?:go|py|md))`")
)

// TestDocumentsNameWhatExists: every link and every file that a document names is there.
func TestDocumentsNameWhatExists(t *testing.T) {
	documents(t, func(path, text string) {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target, err := url.Parse(match[1])
			if err != nil || target.Host != "" || target.Path == "" {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), target.Path)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		for _, match := range codePath.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(match[1]); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
}

var (
	embedded   = regexp.MustCompile(`(?m)^//go:embed (.*)$`)
	sourceFile = regexp.MustCompile(`glass source ([a-z0-9_/]+\.[a-z]+)`)
)

// TestSourceIsEmbedded: every file that a document has the reader print by `glass source` is in the binary.
func TestSourceIsEmbedded(t *testing.T) {
	main, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for _, line := range embedded.FindAllStringSubmatch(string(main), -1) {
		patterns = append(patterns, strings.Fields(line[1])...)
	}
	documents(t, func(file, text string) {
		for _, match := range sourceFile.FindAllStringSubmatch(text, -1) {
			if !slices.ContainsFunc(patterns, func(pattern string) bool { ok, _ := path.Match(pattern, match[1]); return ok }) {
				t.Errorf("%s: main.go does not embed %s", file, match[1])
			}
		}
	})
}

var quoted = regexp.MustCompile("(?ms)^```\\w+ from=(\\S+)\n(.*?)^```")

// TestQuotedCode: what a document quotes from a file is there, line by line.
func TestQuotedCode(t *testing.T) {
	for _, page := range []string{"docs/ARCHITECTURE.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		quotes := quoted.FindAllStringSubmatch(string(text), -1)
		if len(quotes) == 0 {
			t.Errorf("%s quotes nothing", page)
		}
		for _, quote := range quotes {
			if source, err := os.ReadFile(quote[1]); err != nil || !strings.Contains(string(source), quote[2]) {
				t.Errorf("%s: %s does not have these lines (%v):\n%s", page, quote[1], err, quote[2])
			}
		}
	}
}
