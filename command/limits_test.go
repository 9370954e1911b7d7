package command

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// limitFiles are the files whose constants are limits: docs/LIMITS.md has all of them, but for those below.
var limitFiles = map[string][]string{
	"parser":      {"limits.go"},
	"front":       {"admission.go", "bounds.go", "connections.go", "socket.go", "patience.go", "proxy_protocol.go"},
	"loop":        {"limits.go"},
	"health":      {"node.go"},
	"server":      {"body.go", "receive.go", "assembler.go", "send.go"},
	"token":       {"limits.go"},
	"fastcgi":     {"limits.go"},
	"ajp":         {"limits.go"},
	"gateway":     {"receive.go", "connection.go"},
	"fasthttpd":   {"server.go", "body.go", "coroutine.go"},
	"server_test": {"abuse_test.go"},
	"cpython":     {"frame.go", "pool.go", "debug.go", "ahead.go", "sending.go", "outbox.go", "lane.go"},
	"relatives":   {"jsgi.go"},
	"hub":         {"budget.go", "hub.go", "past.go", "said.go", "followed.go"},
	"follow":      {"follow.go"},
	"remote":      {"call.go", "offer.go", "front.go", "task.go"},
	"dap":         {"message.go"},
	"check":       {"limits.go"},
	"compare":     {"limits.go"},
	"load":        {"limits.go"},
}

// noLimits are constants in those files that bound nothing that a peer or an application could exceed.
var noLimits = map[string]bool{
	"front.headOfVersion2": true, "front.addressesIPv4": true, "front.addressesIPv6": true,
	"front.gaveWay": true, "server.commonHead": true, "cpython.headerSize": true, "cpython.flagBodyFollows": true,
	"cpython.flagLockStep": true, "cpython.defaultGrace": true, "cpython.defaultStartTimeout": true,
	"cpython.stackGrace": true, "cpython.whereGrace": true, "cpython.orderGrace": true, "cpython.strayPoll": true, "cpython.groupGrace": true,
	"cpython.groupPoll": true, "cpython.firstBackOff": true, "cpython.lastBackOff": true, "cpython.paceWeight": true,
	"cpython.outboxHead": true, "cpython.outboxTaken": true, "fasthttpd.lookForOpen": true, "cpython.outboxDescriptor": true, "cpython.outboxRing": true, "cpython.shortLife": true, "cpython.spawnTries": true,
	"remote.lookAgain": true, "remote.firstPause": true, "remote.lastPause": true, "remote.frontQuiet": true,
	"cpython.worthNoCopy": true, "load.readBuffer": true, "load.streamFrom": true,
}

var units = map[string]float64{"": 1, "bytes": 1, "bytes a second": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "ms": 1e6, "us": 1e3, "s": 1e9}

// TestLimitsDocument compares docs/LIMITS.md with the flags and the constants, in both directions.
func TestLimitsDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/LIMITS.md")
	if err != nil {
		t.Fatal(err)
	}
	actual := limits(t)
	listed := map[string]bool{}
	row := regexp.MustCompile("(?m)^\\| ([^|]+) \\| (none|[0-9]+)(?: ([A-Za-z ]+))? \\| `([^`]+)` \\|")
	for _, match := range row.FindAllStringSubmatch(string(text), -1) {
		what, number, unit, name := match[1], match[2], match[3], match[4]
		listed[name] = true
		want, ok := actual[name]
		factor, known := units[unit]
		value, _ := strconv.ParseFloat(number, 64) // none is 0
		switch {
		case !ok:
			t.Errorf("%s: there is no %s", what, name)
		case !known:
			t.Errorf("%s: the unit %q", what, unit)
		case value*factor != want:
			t.Errorf("%s: %s %s, and %s is %v", what, number, unit, name, want)
		}
	}
	for name := range actual {
		if !listed[name] && !noLimits[name] {
			t.Errorf("docs/LIMITS.md does not have %s", name)
		}
	}
}

// limits are the values of flags and constants, by the name that docs/LIMITS.md has for them. Times are nanoseconds.
func limits(t *testing.T) map[string]float64 {
	all := map[string]float64{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[serveCommand]()) {
		if field.Anonymous {
			continue
		}
		name := "--" + strings.ToLower(regexp.MustCompile("([a-z])([A-Z])").ReplaceAllString(field.Name, "$1-$2"))
		if field.Tag.Get("name") != "" {
			name = "--" + field.Tag.Get("name")
		}
		if !strings.HasPrefix(name, "--limit") && !strings.Contains(name, "timeout") && name != "--keep-alive" && name != "--backlog" {
			continue
		}
		preset := os.Expand(field.Tag.Get("default"), func(variable string) string { return defaults[variable] })
		value, _ := strconv.ParseFloat(preset, 64)
		if field.Type == reflect.TypeFor[seconds]() {
			value *= units["s"]
		}
		all[name] = value
	}
	for pkg, files := range limitFiles {
		dir := map[string]string{"cpython": "runtime/cpython", "remote": "runtime/remote", "relatives": "runtime/relatives", "server_test": "server", "fasthttpd": "server/fasthttpd", "front": "server/front", "token": "server/gateway/token", "fastcgi": "server/gateway/fastcgi", "ajp": "server/gateway/ajp", "gateway": "server/gateway", "health": "inspect/health", "hub": "inspect/hub", "follow": "inspect/follow", "loop": "server/loop", "dap": "inspect/dap", "load": "bench/load"}[pkg]
		if dir == "" {
			dir = pkg
		}
		for _, file := range files {
			constants(t, filepath.Join(dir, file), func(name string, value float64) { all[pkg+"."+name] = value })
		}
	}
	return all
}

// constants visits the numbers that are declared at the top of a file.
func constants(t *testing.T, path string, visit func(name string, value float64)) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	source, _ := os.ReadFile(path)
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			if spec.Type != nil || len(spec.Values) == 0 {
				continue // an enum
			}
			for i, name := range spec.Names {
				text := string(source[fset.Position(spec.Values[i].Pos()).Offset:fset.Position(spec.Values[i].End()).Offset])
				text = strings.NewReplacer("time.Hour", "3600000000000", "time.Second", "1000000000", "time.Millisecond", "1000000", "time.Microsecond", "1000").Replace(text)
				value, err := types.Eval(token.NewFileSet(), nil, token.NoPos, text)
				if err != nil || value.Value == nil || value.Value.Kind() == constant.String {
					continue
				}
				number, _ := constant.Float64Val(constant.ToFloat(value.Value))
				visit(name.Name, number)
			}
		}
	}
}
