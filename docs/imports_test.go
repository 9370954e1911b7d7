package docs

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "glasswsgi/"

// arrows say which of our own packages a package may import; docs/ARCHITECTURE.md draws them. Only command
// imports a package that is not named on the right.
var arrows = map[string][]string{
	".":                        {"command"},
	"parser":                   nil,
	"runtime/wsgi":             {"parser"},
	"runtime/native":           {"runtime/wsgi"},
	"runtime/remote":           {"runtime/wsgi"},
	"runtime/cpython":          {"runtime/wsgi"},
	"runtime/inprocess":        {"runtime/cpython"},
	"runtime/cpython/embedded": {"runtime/cpython"},
	"runtime/cpython/pip":      {"runtime/cpython"},
	"runtime/relatives":        {"runtime/cpython"},
	"server/front":             {"parser", "runtime/wsgi"},
	"server":                   {"parser", "runtime/wsgi", "server/front"},
	"server/loop":              {"parser", "runtime/wsgi", "server", "server/front"},
	"server/fasthttpd":         {"parser", "runtime/wsgi", "server/front"},
	"server/gateway":           {"parser", "runtime/wsgi", "server/front", "server/gateway/ajp", "server/gateway/cgi", "server/gateway/fastcgi", "server/gateway/scgi", "server/gateway/token", "server/gateway/uwsgi"},
	"server/gateway/token":     {"parser"},
	"server/gateway/tokentest": {"parser", "server/gateway/token"},
	"server/gateway/talktest":  {"server/front", "server/gateway"},
	"server/gateway/fastcgi":   {"parser", "server/gateway/token"},
	"server/gateway/scgi":      {"parser", "server/gateway/token"},
	"server/gateway/uwsgi":     {"parser", "server/gateway/token"},
	"server/gateway/ajp":       {"parser", "server/gateway/token"},
	"server/gateway/cgi":       {"parser", "server/gateway/token"},
	"inspect":                  {"parser", "runtime/wsgi", "server/front"},
	"inspect/retell":           {"parser", "runtime/wsgi", "server/front"},
	"inspect/follow":           {"inspect/hub", "parser", "runtime/wsgi"},
	"inspect/relatives":        {"parser", "runtime/wsgi", "server/gateway/ajp", "server/gateway/fastcgi", "server/gateway/scgi", "server/gateway/token", "server/gateway/uwsgi"},
	"inspect/dap":              {"inspect/hub"},
	"inspect/stepper":          {"inspect", "inspect/follow", "inspect/hub", "parser"},
	"compare":                  {"check/client"},
	"inspect/highlight":        nil,
	"inspect/axe":              {"check/suite"},
	"inspect/door":             nil,
	"inspect/health":           {"inspect/door", "server/front"},
	"inspect/page":             {"compare", "inspect/door", "inspect/follow", "inspect/highlight", "inspect/hub", "inspect/relatives", "parser", "runtime/wsgi"},
	"inspect/hub":              {"inspect", "inspect/retell", "parser", "runtime/cpython", "runtime/wsgi", "server/front"},
	"check/peer":               nil,
	"check/suite":              nil,
	"check":                    {"check/client", "check/peer"},
	"check/client":             nil,
	"bench":                    {"bench/load", "bench/process", "inspect", "check/peer"},
	"bench/load":               {"check/client"},
	"bench/process":            nil,
	"examples":                 nil,
	"tutorial":                 {"check", "check/peer"},
	"tutorial/class":           {"inspect/door", "tutorial"},
	"tutorial/live":            {"check", "check/client", "check/peer", "inspect/hub", "inspect/page", "inspect/retell", "parser", "runtime/cpython", "runtime/native", "runtime/wsgi", "server", "server/front", "tutorial", "tutorial/learn"},
	"tutorial/learn":           {"tutorial"},
	"tutorial/mutate":          {"tutorial"},
	"tutorial/pages":           {"inspect/door", "inspect/highlight", "tutorial", "tutorial/learn"},
}

// pure packages do no I/O: these are all of the standard library that they may know.
var pure = map[string][]string{
	"parser":       {"bytes", "errors", "fmt", "strconv", "strings"},
	"runtime/wsgi": {"errors", "fmt", "io", "iter", "slices", "strconv", "strings"},

	"server/gateway/token":   {"bytes", "strconv"},
	"server/gateway/fastcgi": {"encoding/binary", "fmt", "slices", "strconv"},
	"server/gateway/scgi":    {"bytes", "strconv"},
	"server/gateway/uwsgi":   {"encoding/binary", "fmt"},
	"server/gateway/cgi":     {"bytes", "strings"},
	"server/gateway/ajp":     {"bytes", "encoding/binary", "errors", "fmt", "strconv", "strings"},
}

// chapterCode are the programs of the course, which a learner builds without this module.
var chapterCode = regexp.MustCompile(`^tutorial/[0-9b][0-9]?-`)

// costly packages do much work before main begins, in every start of the program, whoever uses them.
var costly = map[string]string{
	"github.com/alecthomas/chroma/v2/lexers": "reads the heads of 260 lexers; inspect/highlight has ours",
	"github.com/alecthomas/chroma/v2/styles": "reads 70 styles; inspect/highlight has ours",
}

// TestImportsAreLight: not through another package either.
func TestImportsAreLight(t *testing.T) {
	list, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(list)) {
		if why := costly[name]; why != "" {
			t.Errorf("the program imports %s, which %s", name, why)
		}
	}
}

// TestImports holds every package to its arrows. Tests may import what they like.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		if dir == "command" {
			return nil // may import everything
		}
		seen[dir] = true
		checkImports(t, path, dir)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range arrows {
		if !seen[dir] && dir != "examples" {
			t.Errorf("there is no package %s", dir)
		}
	}
}

func checkImports(t *testing.T, path, dir string) {
	ours, known := arrows[dir]
	known = known || chapterCode.MatchString(dir)
	if !known {
		t.Errorf("%s: say in this test what package %s may import", path, dir)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		name := strings.Trim(spec.Path.Value, `"`)
		if chapterCode.MatchString(dir) && strings.Contains(strings.Split(name, "/")[0], ".") {
			t.Errorf("%s imports %s: a learner has the standard library only", path, name)
		}
		own, isOurs := strings.CutPrefix(name, module)
		switch {
		case isOurs && !slices.Contains(ours, own):
			t.Errorf("%s imports %s: against the arrows", path, own)
		case !isOurs && pure[dir] != nil && !slices.Contains(pure[dir], name):
			t.Errorf("%s imports %s: %s does no I/O", path, name, dir)
		}
	}
}

// TestSourceIsInTheBinary: the debugger shows every file that makes a step, and `glass source` prints the packages on a
// request's path.
func TestSourceIsInTheBinary(t *testing.T) {
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, patterns, _ := strings.Cut(string(text), "//go:embed ")
	patterns, _, _ = strings.Cut(patterns, "\n")
	embedded := strings.Fields(patterns)
	for _, dir := range []string{"parser", "runtime/wsgi", "server", "server/front"} {
		if !slices.Contains(embedded, dir+"/*.go") {
			t.Errorf("main.go does not embed %s", dir)
		}
	}
}
