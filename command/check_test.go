package command

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"glasswsgi/check"
	"glasswsgi/check/suite"
)

// TestCheckGlass: every probe passes, on glass as it is started by a user, in each model and with each Python; with
// fasthttp the probes that docs/FASTHTTP.md lists fail, and no others.
func TestCheckGlass(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	flags := []string{"", "--model fasthttp --threads 4"}
	if suite.Whole() {
		flags = append(flags, "--model threaded", "--threads 4", "--workers 2", "--model iterative", "--python /usr/bin/python3")
	}
	probes, err := check.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range flags {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			results := checkGlass(t, nil, flags)
			if len(results) != len(probes) {
				t.Errorf("%d of %d probes ran", len(results), len(probes))
			}
			var again []string
			listed := map[string]bool{}
			if strings.Contains(flags, "fasthttp") {
				listed = listedProbes(t)
			}
			for i, r := range results {
				byNature := probes[i].Concurrent && flags == "--model iterative"
				switch {
				case r.Outcome == "passed" && listed[r.ID]:
					t.Errorf("%s passes: docs/FASTHTTP.md lists it", r.ID)
				case r.Outcome != "passed" && !byNature && !listed[r.ID]:
					again = append(again, r.ID)
				}
				delete(listed, r.ID)
			}
			for id := range listed {
				t.Errorf("docs/FASTHTTP.md: there is no probe %s", id)
			}
			if len(again) == 0 {
				return
			}
			// On a busy machine an answer may come too late: those few get a second chance, with more time and alone.
			for _, r := range checkGlass(t, []string{"--jobs", "1", "--timeout", "30", "--only", strings.Join(again, ",")}, flags) {
				if r.Outcome != "passed" {
					t.Errorf("%s %s: %s", r.ID, r.Outcome, r.Wrong)
				}
			}
		})
	}
}

// listedProbes are the probes of docs/FASTHTTP.md.
func listedProbes(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("docs/FASTHTTP.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, match := range regexp.MustCompile("(?m)^\\| `((?:rfc|pep)[^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		listed[match[1]] = true
	}
	if len(listed) == 0 {
		t.Error("docs/FASTHTTP.md lists no probes")
	}
	return listed
}

type probeResult struct{ ID, Outcome, Wrong string }

// checkGlass runs glass check on glass with some flags.
func checkGlass(t *testing.T, how []string, flags string) []probeResult {
	t.Helper()
	args := slices.Concat([]string{"check", "--json"}, how, []string{"--", os.Args[0], "-b", "127.0.0.1:{port}"}, strings.Fields(flags), []string{"{app}"})
	got := glass(t, "", args...)
	var document struct{ Results []probeResult }
	if err := json.Unmarshal([]byte(got.out), &document); err != nil {
		t.Fatalf("%v\n%s%s", err, got.out, got.err)
	}
	return document.Results
}

// brokenApplications says for each flaw of check/testdata/broken/flaws.py which probes find it: the first must
// fail, those that match the other patterns may, no others must.
var brokenApplications = map[string][]string{
	"none":                            nil,
	"never_closes":                    {"pep3333-close-called", "pep3333-*"},
	"closes_twice":                    {"pep3333-close-called", "pep3333-*close*", "pep3333-iterable-one-list-length", "pep3333-length-stops"},
	"accepts_a_second_start_response": {"pep3333-start-response-twice", "pep3333-start-response*"},
	"environ_is_a_subclass":           {"pep3333-environ-types", "pep3333-environ-*"},
	"path_is_utf8":                    {"pep3333-environ-types", "*"},
	"query_is_decoded":                {"pep3333-environ-types", "*"},
	"version_is_a_list":               {"pep3333-environ-types", "pep3333-environ-*"},
	"input_has_no_readline":           {"pep3333-environ-types", "*"},
	"write_does_nothing":              {"pep3333-write", "pep3333-*write*", "pep3333-*written"},
	"blocks_are_collected":            {"pep3333-blocks-not-delayed", "*"},
}

// TestCheckBroken: each flaw is found by the probes that were made for it, and by no others.
func TestCheckBroken(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	probes, err := check.Load()
	if err != nil {
		t.Fatal(err)
	}
	probes = slices.DeleteFunc(probes, func(p *check.Probe) bool { return !p.NeedsApplication() || p.Alone })
	flaws, err := filepath.Abs("check/testdata/broken/flaws.py")
	if err != nil {
		t.Fatal(err)
	}
	application, err := filepath.Abs("check")
	if err != nil {
		t.Fatal(err)
	}
	for name, fails := range brokenApplications {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wanted []*check.Probe
			for place, p := range probes {
				if len(fails) > 0 && p.ID == fails[0] || suite.Sample(len(name)+place) {
					wanted = append(wanted, p)
				}
			}
			dir := t.TempDir()
			copyFile(t, filepath.Join(application, "glass_probe.py"), filepath.Join(dir, "glass_probe.py"))
			s := serve(t, "--threads", "8", "-e", "FLAW="+name, "-e", "GLASS_PROBE_DIR="+dir, flaws)
			target := check.Target{Address: strings.TrimPrefix(s.url, "http://"), Application: true, Timeout: 3 * time.Second, Jobs: 8}
			holdToFlaw(t, target, target.Run(t.Context(), wanted, func(check.Result) {}), fails)
		})
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(to), filepath.Base(to), string(text))
}

// isOf says whether a probe is one of those that may fail.
func isOf(fails []string, p *check.Probe) bool {
	return slices.ContainsFunc(fails, func(pattern string) bool { ok, _ := path.Match(pattern, p.ID); return ok })
}

// holdToFlaw compares what failed with what should.
func holdToFlaw(t *testing.T, target check.Target, results []check.Result, fails []string) {
	t.Helper()
	var failed []string
	for _, r := range results {
		may := isOf(fails, r.Probe)
		switch {
		case len(fails) > 0 && r.Probe.ID == fails[0]:
			r = target.Again(t.Context(), r, check.Failed)
		case !may:
			r = target.Again(t.Context(), r, check.Passed)
		}
		if r.Outcome != check.Failed {
			continue
		}
		failed = append(failed, r.Probe.ID)
		if !may {
			var report strings.Builder
			check.Report(&report, []check.Result{r})
			t.Errorf("%s should not fail\n%s", r.Probe.ID, report.String())
		}
	}
	if len(fails) > 0 && !slices.Contains(failed, fails[0]) {
		t.Errorf("%s did not find it; what failed: %v", fails[0], failed)
	}
}

// TestCheckURL: a server that runs already, without the probe application.
func TestCheckURL(t *testing.T) {
	t.Parallel()
	s := serve(t, "go:hello")
	report := filepath.Join(t.TempDir(), "report.xml")
	got := glass(t, "", "check", "--json", "--junit", report, "--only", "rfc9112-6.3,rfc9110-*", s.url)
	if got.code != 0 {
		t.Errorf("exit %d\n%s", got.code, got.out)
	}
	contains(t, got.err, "only the probes that need no application run")
	var document struct {
		Results []struct{ ID, Outcome string }
	}
	if err := json.Unmarshal([]byte(got.out), &document); err != nil {
		t.Fatal(err)
	}
	outcomes := map[string]string{}
	for _, r := range document.Results {
		outcomes[r.ID] = r.Outcome
	}
	if outcomes["rfc9112-6.3-cl-and-te"] != "passed" || outcomes["rfc9112-6.3-truncated-body"] != "skipped" || outcomes["pep3333-write"] != "" {
		t.Errorf("%v", outcomes)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Tests int `xml:"tests,attr"`
	}
	if err := xml.Unmarshal(text, &suite); err != nil || suite.Tests != len(document.Results) {
		t.Errorf("%v, %d tests in\n%s", err, suite.Tests, text)
	}
}

// TestCheckWithoutServer: what needs none.
func TestCheckWithoutServer(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	got := glass(t, "", "check", "--list", "--keyword", "MUST")
	contains(t, got.out, "rfc9112-6.3-cl-and-te", "RFC 9112 §6.3")
	if strings.Contains(got.out, "SHOULD") {
		t.Error("--keyword has no effect")
	}
	got = glass(t, "", "check", "--explain", "rfc9112-6.3-cl-and-te")
	contains(t, got.out, "CL.TE", `> Content-Length: 6\r\n`, "< 4xx close")
	for args, want := range map[string]string{
		"check":                             "say which server to check",
		"check localhost":                   "neither a URL nor a command",
		"check --jobs 0 http://localhost:1": "more than 0",
		"check --keyword must --list":       "MUST, SHOULD or MAY",
	} {
		if got := glass(t, "", strings.Fields(args)...); got.code != exitMisused || !strings.Contains(got.err, want) {
			t.Errorf("glass %s: %+v", args, got)
		}
	}
	for args, want := range map[string]string{
		"check --explain nothing":         "there is no probe nothing",
		"check --only nothing --list":     "there is no such probe",
		"check http://127.0.0.1:1":        "connection refused",
		"check https://127.0.0.1:1":       "no TLS",
		"check -- sh -c false{port}":      "the server ended: exit status",
		"check -- /no/such/server {port}": "no such file",
	} {
		if got := glass(t, "", strings.Fields(args)...); got.code != exitFailed || !strings.Contains(got.err, want) {
			t.Errorf("glass %s: %+v", args, got)
		}
	}
}

// TestCheckFails: a MUST that fails.
func TestCheckFails(t *testing.T) {
	t.Parallel()
	s := serve(t, write(t, t.TempDir(), "wrong.py", `def application(environ, start_response):
    start_response("200 OK", [])
    return [b'{"probe": 1}' if environ["PATH_INFO"] == "/probe" else b"wrong"]
`))
	got := glass(t, "", "check", "--only", "pep3333-write", s.url)
	if got.code != exitFailed {
		t.Errorf("exit %d", got.code)
	}
	contains(t, got.out, "FAILED pep3333-write", "> GET /write", "< HTTP/1.1 200 OK", "the body is not what it should be",
		"  got:   wrong\n           ^\n  want:  written 0\\nwritten 1", "why:", "hint:")
}

// TestCheckDyingServer: a server that ends while it is checked is told of.
func TestCheckDyingServer(t *testing.T) {
	t.Parallel()
	app := write(t, t.TempDir(), "dying.py", `import os, sys
from wsgiref.simple_server import make_server
sys.path.insert(0, sys.argv[2])
import glass_probe
def application(environ, start_response):
    if environ["PATH_INFO"] == "/write":
        sys.stderr.write("these are last words")
        sys.stderr.flush()
        os._exit(3)
    return glass_probe.application(environ, start_response)
make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
`)
	interpreter, err := unpackOnce()
	if err != nil {
		t.Fatal(err)
	}
	got := glass(t, "", "check", "--only", "pep3333-write", "--", interpreter.Path, app, "{port}", "{dir}")
	if got.code != exitFailed {
		t.Errorf("exit %d", got.code)
	}
	contains(t, got.err, "the server ended while it was being checked", "these are last words", "one connection at a time")
}
