package bench

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

//go:embed report.html
var pageText string

var page = sync.OnceValue(func() *template.Template { return template.Must(template.New("report").Parse(pageText)) })

// WriteFolder writes all files of the report: report.json, report.md, the charts, and report.html, which has them all
// in one.
func (r *Report) WriteFolder(folder string) error {
	charts := map[string][]Chart{}
	for _, w := range r.Workloads {
		drawn, err := w.Charts()
		if err != nil {
			return fmt.Errorf("the charts of %s: %w", w.Name, err)
		}
		charts[w.Name] = drawn
		for _, chart := range drawn {
			if err := os.WriteFile(filepath.Join(folder, chart.Name+".svg"), alone(chart.SVG), 0o644); err != nil {
				return err
			}
		}
	}
	return errors.Join(
		writeFile(filepath.Join(folder, "report.json"), r.WriteJSON),
		writeFile(filepath.Join(folder, "report.md"), func(w io.Writer) error { return r.WriteMarkdown(w, charts) }),
		writeFile(filepath.Join(folder, "report.html"), func(w io.Writer) error { return r.WriteHTML(w, charts) }))
}

func writeFile(path string, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}

// alone gives a chart what it has of the page otherwise: its colours.
func alone(svg []byte) []byte {
	return bytes.Replace(svg, []byte("<svg "), []byte(`<svg style="color:#333;background:#fff" `), 1)
}

// Facts are what a stranger needs to repeat it, as pairs.
func (r *Report) Facts() (facts [][2]string) {
	add := func(name, format string, values ...any) {
		facts = append(facts, [2]string{name, fmt.Sprintf(format, values...)})
	}
	add("made", "%s, in %v", r.Made.Format("2006-01-02 15:04 MST"), r.Took)
	add("command", "%s", strings.Join(r.CommandLine, " "))
	add("glass", "%s, built with %s", r.Glass, r.Machine.Go)
	add("machine", "%s, %d cores, %s of memory", firstOf(r.Machine.CPU, "a CPU that does not tell its name"), r.Machine.Cores, writeSize(r.Machine.Memory))
	add("system", "%s", r.Machine.System)
	add("rounds", "%d of %v for each server, in turns", r.Rounds, r.Duration)
	add("load generator", "%s requests/s against an application in Go; it shares the cores with the servers", writeCount(r.Ceiling))
	add("noise", "the same work varied by %.1f %% between rounds; load average %.2f when it began; %.1f %% of CPU time stolen",
		100*r.Noise.Variation, r.Noise.Load, 100*r.Noise.Steal)
	return facts
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// Setup says how a workload is asked.
func (w *WorkloadResult) Setup() string {
	if w.Idle > 0 {
		return fmt.Sprintf("%s connections, one request on each, then silence", writeCount(float64(w.Idle)))
	}
	text := fmt.Sprintf("%d connections, %d worker(s) with %d thread(s)", w.Connections, w.Workers, w.Threads)
	if w.Close {
		text += ", a new connection for each request"
	}
	if w.Slow > 0 {
		text += fmt.Sprintf(", then %s slow clients beside them, which send a byte a second", writeCount(float64(w.Slow)))
	}
	if w.OpenShare > 0 {
		text += fmt.Sprintf(", then %.0f %% of the throughput as a fixed rate", 100*w.OpenShare)
	}
	return text
}

// Body is the table without its heads, Heads are these.
func (w *WorkloadResult) Body() [][]string { return w.Table()[1:] }

// Heads are those of the columns.
func (w *WorkloadResult) Heads() []string { return w.Table()[0] }

// WhereText says what the bar of the phases was made from.
func (w *WorkloadResult) WhereText() string {
	if w.Where == nil || w.Where.Exchanges == 0 {
		return ""
	}
	return fmt.Sprintf("Where the time goes: %s requests, timed between the Steps. In this run of its own the watching cost %.0f %% of the throughput. Time in which the peer was silent is left out; waiting for a core is in every phase.",
		writeCount(float64(w.Where.Exchanges)), 100*w.Where.Overhead)
}

// ProfileText says what the bar and the table of CPU time were made from, or why there are none.
func (w *WorkloadResult) ProfileText() string {
	p := w.Profile
	switch {
	case w.NoProfile != "":
		return "Where the CPU time goes is not known: " + strings.TrimSuffix(w.NoProfile, ".") + "."
	case p == nil:
		return ""
	}
	text := fmt.Sprintf("Where the CPU time goes: %s a request, in %s requests. In this run of its own the profiler cost %.0f %% of the throughput. ",
		writeTime(p.CPU), writeCount(p.Requests), 100*p.Overhead)
	switch {
	case p.Seen > 1:
		text += fmt.Sprintf("It counted %.0f %% more of the server's CPU time than the kernel did, which is left out in proportion", 100*(p.Seen-1))
	default:
		text += fmt.Sprintf("It saw %.0f %% of the server's CPU time as the kernel counts it", 100*p.Seen)
	}
	text += fmt.Sprintf(", in %s samples", writeCount(float64(p.Samples)))
	if p.Samples < fewSamples {
		text += ": too few for small shares"
	}
	return text + ". The workers' is the kernel's count, in hundredths of a second."
}

// fewSamples leave a share of 10 % uncertain by a third of itself.
const fewSamples = 100

// ProfileRow is a row for people.
type ProfileRow struct{ Title, Time, Share, Says, Colour string }

// ProfileRows are those of the table of CPU time; the last is the sum.
func (w *WorkloadResult) ProfileRows() (rows []ProfileRow) {
	if w.Profile == nil {
		return nil
	}
	for _, part := range w.Profile.Parts() {
		rows = append(rows, ProfileRow{part.Title, writeTime(part.Seconds), writeShare(part.Share), part.Says, part.Colour})
	}
	return append(rows, ProfileRow{Title: "all of it", Time: writeTime(w.Profile.CPU), Share: writeShare(1)})
}

// Troubles are errors, notes, and who was left out.
func (w *WorkloadResult) Troubles() []string { return w.troublesOfAll() }

// Commands are the command lines as they were run, each once.
func (w *WorkloadResult) Commands() (commands [][2]string) {
	for _, server := range w.Servers {
		for _, m := range w.Measurements {
			if m.Server == server && len(m.Words) > 0 {
				commands = append(commands, [2]string{server, strings.Join(m.Words, " ")})
				break
			}
		}
	}
	return commands
}

// WriteMarkdown writes report.md.
func (r *Report) WriteMarkdown(out io.Writer, charts map[string][]Chart) error {
	fmt.Fprintf(out, "# How fast? glass %s and its peers\n\n", r.Glass)
	for _, fact := range r.Facts() {
		fmt.Fprintf(out, "- %s: %s\n", fact[0], fact[1])
	}
	writeList(out, "What to keep in mind", r.Remarks)
	fmt.Fprintf(out, "\n| server | version | command |\n|---|---|---|\n")
	for _, s := range r.Servers {
		if s.Missing == "" {
			fmt.Fprintf(out, "| %s | %s | `%s` |\n", s.Name, s.Found, s.Shown)
		} else {
			fmt.Fprintf(out, "| %s | - | %s |\n", s.Name, s.Missing)
		}
	}
	for _, w := range r.Workloads {
		w.writeMarkdown(out, charts[w.Name])
	}
	return nil
}

func (w *WorkloadResult) writeMarkdown(out io.Writer, charts []Chart) {
	fmt.Fprintf(out, "\n## %s\n\n%s\n%s.\n\n", w.Title, w.Why, strings.ToUpper(w.Setup()[:1])+w.Setup()[1:])
	fmt.Fprintf(out, "| %s |\n|---|%s\n", strings.Join(w.Heads(), " | "), strings.Repeat("---:|", len(w.Heads())-1))
	for _, row := range w.Body() {
		fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
	}
	if verdicts := w.Verdicts(); len(verdicts) > 0 {
		fmt.Fprintf(out, "\n| target for glass | measured | |\n|---|---|---|\n")
		for _, v := range verdicts {
			fmt.Fprintf(out, "| %s | %s | %s |\n", v.Text, v.Got, strings.TrimSuffix(v.Word()+". "+v.Limit, ". "))
		}
	}
	writeList(out, "", w.Troubles())
	if text := w.WhereText(); text != "" {
		fmt.Fprintf(out, "\n%s\n", text)
	}
	if text := w.ProfileText(); text != "" {
		fmt.Fprintf(out, "\n%s\n", text)
	}
	if rows := w.ProfileRows(); len(rows) > 0 {
		fmt.Fprintf(out, "\n| CPU time | of a request | share | what it is |\n|---|---:|---:|---|\n")
		for _, row := range rows {
			fmt.Fprintf(out, "| %s | %s | %s | %s |\n", row.Title, row.Time, row.Share, row.Says)
		}
	}
	for _, chart := range charts {
		fmt.Fprintf(out, "\n![%s](%s.svg)\n", chart.Says, chart.Name)
	}
}

func writeList(out io.Writer, title string, items []string) {
	if len(items) == 0 {
		return
	}
	if title != "" {
		fmt.Fprintf(out, "\n%s:\n", title)
	}
	fmt.Fprintln(out)
	for _, item := range items {
		fmt.Fprintf(out, "- %s\n", item)
	}
}

// WriteHTML writes report.html: one file that needs no other.
func (r *Report) WriteHTML(out io.Writer, charts map[string][]Chart) error {
	type drawn struct {
		Says string
		SVG  template.HTML
	}
	pictures := map[string][]drawn{}
	for name, of := range charts {
		for _, chart := range of {
			pictures[name] = append(pictures[name], drawn{chart.Says, template.HTML(chart.SVG)})
		}
	}
	return page().Execute(out, struct {
		*Report
		Pictures map[string][]drawn
		Sums     []Sum
	}{r, pictures, r.Sums()})
}

// HasTargets says whether glass was held to any.
func (r *Report) HasTargets() bool {
	return slices.ContainsFunc(r.Workloads, func(w *WorkloadResult) bool { return len(w.Verdicts()) > 0 })
}

// Sum is a line of the overview.
type Sum struct {
	Name, Title, Rate, Ratio string
	Reached, Targets         int
}

// Sums are the overview: what glass does in each workload, against wsgiref, and how many targets it reaches.
func (r *Report) Sums() (sums []Sum) {
	for _, w := range r.Workloads {
		s := Sum{Name: w.Name, Title: w.Title, Rate: "-"}
		if e := Estimated(w.values(subject, "rate")); e.Rounds > 0 {
			s.Rate = writeCount(e.Mean)
		}
		if e := Ratio(w.byRound(subject, "rate"), w.byRound("wsgiref", "rate")); e.Rounds > 0 {
			s.Ratio = fmt.Sprintf("%.1f ×", e.Mean)
		}
		for _, v := range w.Verdicts() {
			if v.Known {
				s.Targets++
			}
			if v.Reached {
				s.Reached++
			}
		}
		sums = append(sums, s)
	}
	return sums
}
