package command

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"

	"glasswsgi/bench"
	"glasswsgi/check/suite"
)

// TestBench: glass and wsgiref side by side, with nothing but the binary. A few requests end each measurement.
func TestBench(t *testing.T) {
	t.Parallel()
	suite.Long(t)
	folder := t.TempDir()
	app := write(t, t.TempDir(), "mine.py", answering("mine"))
	var report *bench.Report
	for tries := 0; tries == 0 || tries < 3 && seenTooLittle(report); tries++ {
		got := glass(t, "", "bench", "--servers", "glass,glass native,wsgiref", "--rounds", "2", "--duration", "60", "--requests", "20",
			"--workloads", "hello,page", "--connections", "2", "--out", folder)
		if got.code != 0 {
			t.Fatalf("%+v", got)
		}
		contains(t, got.out, "Hello, kept connections", "A page of 64 KB", "first answer")
		contains(t, got.err, "of 10,", "the report is in "+folder)
		report = readReport(t, filepath.Join(folder, "report.json"))
	}
	if !report.Complete || len(report.Workloads) != 2 || report.Ceiling <= 0 || len(report.Noise.Calibration) != 4 {
		t.Errorf("%+v", report)
	}
	for _, w := range report.Workloads {
		if want := 2 * len(w.Servers); len(w.Measurements) != want {
			t.Errorf("%s: %d measurements of %d", w.Name, len(w.Measurements), want)
		}
		for _, m := range w.Measurements {
			if m.Failed != "" || len(m.Errors) != 0 || m.Values["rate"] <= 0 || m.Latencies.TotalCount() != 20 {
				t.Errorf("%s, %s: %s %v %v", w.Name, m.Server, m.Failed, m.Errors, m.Values)
			}
		}
		if w.Where == nil || w.Where.Exchanges < 20 || w.Where.Seconds["call"] <= 0 || w.Where.Seconds["parse"] <= 0 {
			t.Errorf("%s: where the time goes: %+v", w.Name, w.Where)
		}
		if goruntime.GOOS == "linux" {
			mustAddUp(t, w)
		} else if w.NoProfile == "" {
			t.Errorf("%s: %+v, and nobody could know", w.Name, w.Profile)
		}
	}
	first, second := report.Workloads[0].Measurements[0], report.Workloads[0].Measurements[3]
	if first.Server == second.Server {
		t.Errorf("both rounds begin with %s", first.Server)
	}

	compared := glass(t, "", "bench", "--compare", filepath.Join(folder, "report.json"), filepath.Join(folder, "report.json"))
	if compared.code != 0 || !strings.Contains(compared.out, "1.000") || strings.Contains(compared.out, "better") {
		t.Errorf("a report compared with itself: %+v", compared)
	}
	mine := glass(t, "", "bench", app, "--servers", "glass", "--rounds", "1", "--requests", "5", "--duration", "60", "--no-steps", "--json")
	var document bench.Report
	if err := json.Unmarshal([]byte(mine.out), &document); err != nil || len(document.Workloads) != 1 {
		t.Fatalf("%v\n%+v", err, mine)
	}
	if m := document.Workloads[0].Measurements[0]; m.Failed != "" || m.Values["rate"] <= 0 {
		t.Errorf("%+v", m)
	}
}

// seenTooLittle says that a busy machine answered so few requests in the second of a profile that the kernel, which counts in
// hundredths, counted none.
func seenTooLittle(report *bench.Report) bool {
	return slices.ContainsFunc(report.Workloads, func(w *bench.WorkloadResult) bool {
		return strings.Contains(w.NoProfile, "nothing can be divided")
	})
}

// mustAddUp holds the parts of a profile against its sum.
func mustAddUp(t *testing.T, w *bench.WorkloadResult) {
	t.Helper()
	if w.Profile == nil {
		t.Errorf("%s has no profile: %s", w.Name, w.NoProfile)
		return
	}
	sum := 0.0
	for _, part := range w.Profile.Parts() {
		sum += part.Seconds
	}
	if w.Profile.CPU <= 0 || math.Abs(sum/w.Profile.CPU-1) > 1e-9 {
		t.Errorf("%s: the parts of %+v are %v", w.Name, w.Profile, sum)
	}
}

func readReport(t *testing.T, path string) *bench.Report {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err := bench.ReadReport(file)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestBenchMisuse: what is wrong, and what to do.
func TestBenchMisuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want string }{
		{"--rounds 0", "--rounds must be from 1 to 100"},
		{"--duration 11m", "at most 10m"},
		{"--servers nginy", "there is glass, "},
		{"--workloads none", "there is hello, "},
		{"--compare a.json", "takes two files"},
		{"--compare nobody.json nobody.json", "no such file"},
		{"--python /nobody", "/nobody"},
	} {
		got := glass(t, "", append([]string{"bench"}, strings.Fields(test.args)...)...)
		if got.code == 0 || !strings.Contains(got.err, test.want) {
			t.Errorf("%s: %+v", test.args, got)
		}
	}
}

// TestProfiles: --pprof answers, on this machine only.
func TestProfiles(t *testing.T) {
	t.Parallel()
	s := serve(t, "--pprof", "127.0.0.1:0", "go:hello")
	address := strings.TrimPrefix(s.err.await(t, `pprof=\S+`), "pprof=")
	if status, body := get(t, address+"goroutine?debug=1"); status != 200 || !strings.Contains(body, "goroutine profile") {
		t.Errorf("%d %.80s", status, body)
	}
	got := glass(t, "", "-b", "127.0.0.1:0", "--pprof", "0.0.0.0:0", "go:hello")
	if got.code != exitFailed || !strings.Contains(got.err, "this machine only") {
		t.Errorf("%+v", got)
	}
}

// TestBenchPeers: every server that Debian has is started, answers, and is ended.
func TestBenchPeers(t *testing.T) {
	t.Parallel()
	debian := suite.Program(t, "/usr/bin/python3")
	for _, test := range []struct{ servers, workload string }{
		{"glass iterative,gunicorn", "hello"}, {"waitress,cheroot,werkzeug", "hello"}, {"uWSGI,mod_wsgi", "hello"}, {"Eventlet,Tornado,Twisted", "hello"}, {"nginx,glass", "file"},
		{"glass Rack,puma", "stream"}, {"glass PSGI,starman", "hello"}, {"glass JSGI,node http", "page"},
	} {
		t.Run(test.servers, func(t *testing.T) {
			t.Parallel()
			got := glass(t, "", "bench", "--json", "--python", debian, "--servers", test.servers, "--workloads", test.workload, "--rounds", "1",
				"--duration", "60", "--requests", "4", "--connections", "1", "--file-size", "100000", "--no-steps")
			var report bench.Report
			if err := json.Unmarshal([]byte(got.out), &report); err != nil {
				t.Fatalf("%v\n%+v", err, got)
			}
			for _, s := range report.Servers {
				if s.Missing != "" {
					t.Errorf("%s is missing: %s; .ci/packages installs it", s.Name, s.Missing)
				}
			}
			for _, m := range report.Workloads[0].Measurements {
				if m.Failed != "" || m.Values["rate"] <= 0 || len(m.Errors) > 0 {
					t.Errorf("%s: %s %v %v", m.Server, m.Failed, m.Errors, m.Values)
				}
			}
		})
	}
}
