package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"glasswsgi/bench/load"
	"glasswsgi/inspect"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample is a report of two servers, in which every kind of text occurs.
func sample(rates, others []float64) *Report {
	w := &WorkloadResult{
		Workload: &Workload{Name: "hello", Title: "Hello & <hello>", Why: "Because.", App: "hello", Connections: 32, Workers: 1, Threads: 1,
			OpenShare: 0.7, Targets: []Target{{Metric: "rate", Against: "wsgiref", AtLeast: 3}, {Metric: "p99", AtMost: 0.001},
				{Metric: "rate", Against: "bjoern", AtLeast: 1}}},
		Servers: []string{"glass", "wsgiref"}, LeftOut: map[string]string{"uWSGI": "its Python has no flask"},
		Where:   &Where{Times: inspect.Times{Exchanges: 5, Seconds: map[string]float64{"parse": 2e-6, "call": 40e-6}}, Rate: 900, Overhead: 0.1},
		Profile: &Profile{CPU: 913e-6, Shares: map[string]float64{"worker_user": 815e-6, "send": 60e-6, "parser": 4e-6, unseen: 34e-6}, Samples: 64, Seen: 0.65, Requests: 950, Rate: 950, Overhead: 0.05},
		Limits:  []Limit{{"latency that 99 % of the answers do not exceed at most 1.00 ms", "It is the application's."}},
	}
	for round := range rates {
		for server, rate := range map[string]float64{"glass": rates[round], "wsgiref": others[round]} {
			latencies := load.NewLatencies()
			for i := range 200 {
				latencies.Add(time.Duration(i+1) * 10 * time.Microsecond)
			}
			w.Measurements = append(w.Measurements, &Measurement{Server: server, Round: round, Words: []string{server, "-x"},
				Values:    map[string]float64{"rate": rate, "p50": 0.001, "p99": 0.00198, "cpu": 1 / rate, "memory": 2.5e7},
				Latencies: &latencies})
		}
	}
	first := w.Measurements[0]
	first.Errors = map[string]int64{"connection reset": 2}
	return &Report{Format: reportFormat, Made: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Took: time.Minute, Glass: "1.2.3",
		CommandLine: []string{"glass", "bench"}, Complete: true, Machine: Machine{System: "linux", CPU: "some", Cores: 2, Memory: 8e9, Go: "go1"},
		Rounds: len(rates), Duration: time.Second, Ceiling: 1e5, Remarks: []string{"It was noisy."},
		Servers: []*Server{{Name: "glass", Found: "1.2.3", Shown: "glass serve"}, {Name: "wsgiref", Found: "3", Shown: "python3"},
			{Name: "bjoern", Missing: "not installed"}},
		Workloads: []*WorkloadResult{w}}
}

// TestReportGolden: the Markdown of a report, whole.
func TestReportGolden(t *testing.T) {
	r := sample([]float64{1000, 1100, 1200}, []float64{250, 260, 270})
	r.Workloads[0].Measurements[0].Errors = nil // who comes first is a map's choice
	charts, err := r.Workloads[0].Charts()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := r.WriteMarkdown(&got, map[string][]Chart{"hello": charts}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "report.golden")
	if *update {
		os.MkdirAll("testdata", 0o755)
		os.WriteFile(path, got.Bytes(), 0o644)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", &got, want)
	}
}

// TestFolder: every file is there, the JSON reads back as it was, every chart is XML, and the page needs no other file.
func TestFolder(t *testing.T) {
	folder := t.TempDir()
	r := sample([]float64{1000, 1100}, []float64{250, 260})
	if err := r.WriteFolder(folder); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(folder, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	back, err := ReadReport(file)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(r)
	after, _ := json.Marshal(back)
	if !bytes.Equal(before, after) {
		t.Errorf("read back\n%s\nwritten\n%s", after, before)
	}
	for _, name := range []string{"hello-rate", "hello-cpu", "hello-latency", "hello-where", "hello-profile"} {
		svg, err := os.ReadFile(filepath.Join(folder, name+".svg"))
		if err != nil {
			t.Error(err)
		}
		checkXML(t, name, svg)
	}
	page, err := os.ReadFile(filepath.Join(folder, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"Hello &amp; &lt;hello&gt;", "<svg", "prefers-color-scheme", "2 × connection reset", "not measured",
		"✓ reached", "✗ not reached", "uWSGI is left out", "It was noisy.", "not installed", "glass -x", "It is the application&#39;s.", "background:#d55e00", "not seen by the profiler"} {
		if !strings.Contains(string(page), wanted) {
			t.Errorf("the page has no %q", wanted)
		}
	}
	for _, foreign := range []string{"<script", "<link", "src=", "url(", "NaN"} {
		if strings.Contains(string(page), foreign) {
			t.Errorf("the page has %q", foreign)
		}
	}
}

func checkXML(t *testing.T, name string, text []byte) {
	t.Helper()
	for decoder := xml.NewDecoder(bytes.NewReader(text)); ; {
		if _, err := decoder.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

// TestReadReport refuses what it does not know.
func TestReadReport(t *testing.T) {
	for _, text := range []string{"", "{", `{"format": 99}`, `{}`} {
		if _, err := ReadReport(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-3*math.Abs(b) }

// TestStatistics against figures from tables: Student's t for 4 degrees of freedom is 2.776, for 1 it is 12.706.
func TestStatistics(t *testing.T) {
	e := Estimated([]float64{1, 2, 3, 4, 5})
	if half := 2.776 * math.Sqrt(2.5/5); !near(e.Mean, 3) || !near(e.Low, 3-half) || !near(e.High, 3+half) || !e.Known() {
		t.Errorf("%+v", e)
	}
	if e := Estimated([]float64{7}); e.Known() || e.Mean != 7 || e.Low != 7 {
		t.Errorf("one round: %+v", e)
	}
	if e := Estimated(nil); !math.IsNaN(e.Mean) {
		t.Errorf("no round: %+v", e)
	}
	// Rounds that drift alike: the ratio is the same in each, so the interval has no width.
	drift := Ratio(map[int]float64{0: 20, 1: 40, 2: 10}, map[int]float64{0: 10, 1: 20, 2: 5, 3: 99})
	if !near(drift.Mean, 2) || !near(drift.Low, 2) || !near(drift.High, 2) || drift.Rounds != 3 {
		t.Errorf("%+v", drift)
	}
	there := Ratio(map[int]float64{0: 1, 1: 3}, map[int]float64{0: 2, 1: 2})
	back := Ratio(map[int]float64{0: 2, 1: 2}, map[int]float64{0: 1, 1: 3})
	if !near(there.Mean, 1/back.Mean) || !near(there.Low, 1/back.High) {
		t.Errorf("%+v is not the inverse of %+v", there, back)
	}
	if half := math.Exp(12.706 * (math.Log(3) / 2) / 1); !near(there.High/there.Mean, half) {
		t.Errorf("the interval of two rounds: %+v", there)
	}
	if v := variation([]float64{9, 10, 11}); !near(v, 0.1) {
		t.Errorf("variation %v", v)
	}
}

// TestCompare: a change is one when it leaves the noise.
func TestCompare(t *testing.T) {
	steady := []float64{1000, 1010, 990}
	for _, test := range []struct {
		name  string
		after []float64
		noise float64
		want  string
	}{
		{"faster", []float64{1500, 1510, 1490}, 0.01, "better"},
		{"slower", []float64{500, 510, 490}, 0.01, "worse"},
		{"as it was", []float64{1005, 995, 1008}, 0.01, "the same, within the noise"},
		{"wild", []float64{500, 1500, 2900}, 0.01, "the same, within the noise"},
		{"less than the machine varies", []float64{1100, 1110, 1090}, 0.2, "the same, within the noise"},
		{"two rounds", []float64{2000, 2001}, 0.01, "fewer than 3 rounds: nothing can be said"},
	} {
		before, after := sample(steady, steady), sample(test.after, test.after)
		after.Noise.Variation = test.noise
		got := map[string]string{}
		for _, d := range Compare(before, after) {
			got[d.Server+" "+d.Metric.Key] = d.Verdict
		}
		if got["glass rate"] != test.want || got["wsgiref cpu"] != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	var text bytes.Buffer
	other := sample([]float64{2000, 2020, 1980}, steady)
	other.Machine.Cores, other.Rounds = 4, 9
	if err := WriteComparison(&text, sample(steady, steady), other); err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{"two machines", "2.000", "better", "Measured in 3 rounds"} {
		if !strings.Contains(text.String(), wanted) {
			t.Errorf("no %q in\n%s", wanted, &text)
		}
	}
}

// TestVerdicts: reached, not reached, and what the noise leaves open.
func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		glass, other []float64
		want         string
	}{
		{[]float64{4000, 4010, 3990}, []float64{1000, 1000, 1000}, "reached"},
		{[]float64{2000, 2010, 1990}, []float64{1000, 1000, 1000}, "not reached"},
		{[]float64{2500, 3000, 4000}, []float64{1000, 1000, 1000}, "reached, within the noise"},
		{[]float64{4000}, []float64{1000}, "reached, in too few rounds"},
		{[]float64{2000, 2001}, []float64{1000, 1000}, "not reached, in too few rounds"},
	} {
		verdicts := sample(test.glass, test.other).Workloads[0].Verdicts()
		if got := verdicts[0].Word(); got != test.want {
			t.Errorf("%v over %v: %s", test.glass, test.other, got)
		}
		if got := verdicts[2].Word(); got != "not measured" {
			t.Errorf("against a server that was not there: %s", got)
		}
	}
}

// TestUnsure: a word stands where an interval would tell nothing, and where one of them stands a remark explains it.
func TestUnsure(t *testing.T) {
	for _, test := range []struct {
		name         string
		glass, other []float64
		rate, ratio  string
	}{
		{"one round", []float64{1000}, []float64{500}, "1,000 (unsure)", "2.00 × (unsure)"},
		{"two rounds", []float64{1000, 1010}, []float64{500, 505}, "1,005 (unsure)", "2.00 × (unsure)"},
		{"three rounds", []float64{1000, 1010, 990}, []float64{500, 505, 495}, "1,000 ±2 %", "2.00 × (2.00 to 2.00)"},
		{"three wild rounds", []float64{100, 1000, 1900}, []float64{1000, 1000, 1000}, "1,000 (unsure)", "0.57 × (unsure)"},
	} {
		r := sample(test.glass, test.other)
		rows := r.Workloads[0].Body()
		if rate, ratio := rows[0][1], rows[1][2]; rate != test.rate || ratio != test.ratio {
			t.Errorf("%s: %q and %q", test.name, rate, ratio)
		}
		if explained := len(r.unsureRemarks()) == 1; explained != strings.Contains(test.rate, "unsure") {
			t.Errorf("%s: %q", test.name, r.unsureRemarks())
		}
	}
}

// TestPercentilesOfTheSameRounds: a round with too few answers for p99.9 takes it from the row. With the mean of the
// others alone, p99.9 was below p99.
func TestPercentilesOfTheSameRounds(t *testing.T) {
	w := sample([]float64{1000, 1000, 1000}, []float64{500, 500, 500}).Workloads[0]
	for _, m := range w.Measurements {
		m.Values["p999"] = 0.002
		if m.Server == "wsgiref" && m.Round == 1 {
			m.Values["p99"] = 0.5 // a slow round, with few answers
			delete(m.Values, "p999")
		}
	}
	columns := w.Heads()
	at := slices.Index(columns, "p99.9")
	if at < 0 {
		t.Fatalf("no p99.9 in %q", columns)
	}
	for i, want := range []string{"2.00 ms", "-"} {
		if row := w.Body()[i]; row[at] != want {
			t.Errorf("%q: p99.9 is %s, not %s", row, row[at], want)
		}
	}
	failed := &Measurement{Server: "glass", Round: 3, Failed: "did not start"}
	if w.Measurements = append(w.Measurements, failed); w.Body()[0][at] != "2.00 ms" {
		t.Errorf("a round without an answer took p99.9 away: %q", w.Body()[0])
	}
}

// TestTargetsAreAskedFor: what glass should reach is its developers' matter.
func TestTargetsAreAskedFor(t *testing.T) {
	for _, targets := range []bool{false, true} {
		workloads, err := (&Options{Targets: targets}).chosenWorkloads()
		if err != nil {
			t.Fatal(err)
		}
		if has := slices.ContainsFunc(workloads, func(w *Workload) bool { return len(w.Targets) > 0 }); has != targets {
			t.Errorf("with Targets %t there are some: %t", targets, has)
		}
	}
	r := sample([]float64{1000}, []float64{250})
	r.Workloads[0].Targets = nil
	var html, markdown, words bytes.Buffer
	if err := errors.Join(r.WriteHTML(&html, nil), r.WriteMarkdown(&markdown, nil), r.WriteText(&words)); err != nil {
		t.Fatal(err)
	}
	for _, report := range []string{html.String(), markdown.String(), words.String()} {
		for _, own := range []string{"target", "reached", "bjoern:", "should reach"} {
			if strings.Contains(strings.ReplaceAll(report, "bjoern: not installed", ""), own) {
				t.Errorf("%q in a report without targets: %s", own, report)
			}
		}
	}
}

// TestData: the files of servers and workloads can be read, and every target names what exists.
func TestData(t *testing.T) {
	workloads, err := Workloads()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	servers, err := Servers(&Options{Glass: "/nobody", Interpreter: "/nobody"})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{"": true}
	for _, s := range servers {
		names[s.Name] = true
		if s.Missing == "" {
			t.Errorf("%s was found where nothing is", s.Name)
		}
		if !strings.Contains(strings.Join(s.Command, " "), "{port}") {
			t.Errorf("%s cannot be told a port", s.Name)
		}
	}
	for _, w := range workloads {
		if _, err := applications.Open("apps/bench_" + w.App + ".py"); err != nil {
			t.Errorf("%s: %v", w.Name, err)
		}
		w.Workers, w.Threads = max(w.Workers, 1), max(w.Threads, 1)
		if w.Ideal != "" && w.idealRate(2) != 2000 {
			t.Errorf("%s: %v requests a second are ideal", w.Name, w.idealRate(2))
		}
		for _, target := range w.Targets {
			if _, ok := MetricOf(target.Metric); !ok || !names[target.Against] || (target.AtLeast == 0) == (target.AtMost == 0) {
				t.Errorf("%s: target %+v", w.Name, target)
			}
		}
	}
}

// TestChoose: a name is itself, and the beginning of names is all of them.
func TestChoose(t *testing.T) {
	all := []string{"glass", "glass native", "gunicorn sync", "gunicorn gevent"}
	self := func(s string) string { return s }
	for wanted, want := range map[string]string{"": "glass,glass native,gunicorn sync,gunicorn gevent", "glass": "glass",
		"Gunicorn": "gunicorn sync,gunicorn gevent", "glass n": "glass native"} {
		got, err := choose("servers", all, self, strings.FieldsFunc(wanted, func(r rune) bool { return r == ',' }))
		if err != nil || strings.Join(got, ",") != want {
			t.Errorf("%q: %v, %v", wanted, got, err)
		}
	}
	if _, err := choose("servers", all, self, []string{"nginx"}); err == nil || !strings.Contains(err.Error(), "gunicorn sync") {
		t.Errorf("an unknown name: %v", err)
	}
}

func TestWriteUnits(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{writeTime(0.0000123), "12.3 µs"}, {writeTime(0.00123), "1.23 ms"}, {writeTime(123), "123 s"}, {writeTime(0), "0.00 µs"},
		{writeSize(999), "999 B"}, {writeSize(16384), "16.4 KB"}, {writeSize(30e6), "30.0 MB"},
		{writeCount(1234567), "1,234,567"}, {writeCount(999.6), "1000"}, {writeCount(0.5), "0.5"}, {writeShare(0.987), "98.7 %"},
	} {
		if test.got != test.want {
			t.Errorf("%q, not %q", test.got, test.want)
		}
	}
}

// TestLive: lines where there is no terminal, and a table that is drawn over itself where there is one.
func TestLive(t *testing.T) {
	result := sample([]float64{1000}, []float64{100}).Workloads[0]
	p := Progress{Workload: result.Workload, Server: "glass", Round: 1, Done: 1, Total: 4, Left: 3 * time.Second, Measured: result.Measurements[0], Result: result}
	var plain, drawn bytes.Buffer
	NewLive(&plain, 0, true).Tell(p)
	if got := plain.String(); !strings.HasPrefix(got, "glass: 1 of 4, 3s left: hello, round 1, glass: requests/s") || strings.Contains(got, "\x1b") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}
	live := NewLive(&drawn, 40, false)
	live.Tell(p)
	live.Tell(p)
	if got := drawn.String(); strings.Count(got, "\x1b[4A\x1b[J") != 1 || strings.Contains(got, "\x1b[1m") || !strings.Contains(got, "wsgiref") {
		t.Errorf("%q", got)
	}
	for line := range strings.Lines(live.table(p)) {
		if strings.HasPrefix(line, "  ") && len([]rune(line)) > 40 {
			t.Errorf("a line of a terminal of 40 columns: %q", line)
		}
	}
}

// TestNothingInstalled is an error, before anything runs.
func TestNothingInstalled(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := Run(context.Background(), &Options{Glass: "/nobody", Interpreter: "/nobody", Rounds: 1, Duration: time.Second, Workers: 1, Threads: 1, FileSize: 1}, func(Progress) {})
	if err == nil || !strings.Contains(err.Error(), "--list") {
		t.Errorf("%v", err)
	}
}

// TestOwnServers: what a user names is measured beside the others, by its name, and a slip is told.
func TestOwnServers(t *testing.T) {
	for text, only := range map[string]bool{"loop={embedded} server.py {port}": true, "mine=./mine --bind 127.0.0.1:{port} {module}": false} {
		name, _, _ := strings.Cut(text, "=")
		servers, err := Servers(&Options{Commands: []string{text}, Servers: []string{name}})
		if err != nil || len(servers) != 1 || servers[0].Name != name || servers[0].Missing != "" {
			t.Fatalf("%s: %v, %v", text, servers, err)
		}
		if runs := servers[0].runs(&Workload{Name: "flask"}); runs == only || !servers[0].runs(&Workload{Name: "hello"}) {
			t.Errorf("%s: runs flask: %v", text, runs)
		}
	}
	for text, wanted := range map[string]string{
		"python3 server.py {port}": "NAME=COMMAND", "loop=": "NAME=COMMAND", "loop=python3 server.py": "{port} is missing",
		"wsgiref=python3 server.py {port}": "there is a server of this name",
	} {
		if _, err := Servers(&Options{Commands: []string{text}}); err == nil || !strings.Contains(err.Error(), wanted) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestHeldBack: a generator that had no time to spare is named, with the server that it measured.
func TestHeldBack(t *testing.T) {
	for used, held := range map[float64]bool{0: false, 0.5: false, 0.97 * float64(load.Cores()): true} {
		r := Report{Workloads: []*WorkloadResult{{Workload: &Workload{Title: "Hello"}, Servers: []string{"fast"},
			Measurements: []*Measurement{{Server: "fast", Generator: used}, {Server: "fast", Failed: "gone", Generator: 9}}}}}
		if remarks := r.heldBack(); (len(remarks) == 1) != held {
			t.Errorf("%v cores: %q", used, remarks)
		}
	}
}
