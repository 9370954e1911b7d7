package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Live shows how it goes: one table that is drawn anew on a terminal, and a line for each measurement elsewhere.
type Live struct {
	w        io.Writer
	terminal bool
	width    int // of the terminal: a line that goes on in the next one would spoil the drawing
	colour   bool
	drawn    int // lines that are on the screen
}

// NewLive shows nothing yet. A width of 0 is that of no terminal.
func NewLive(w io.Writer, width int, colour bool) *Live {
	return &Live{w: w, terminal: width > 0, width: width, colour: colour && width > 0}
}

// Tell is told each step of a run.
func (l *Live) Tell(p Progress) {
	if !l.terminal {
		if p.Measured != nil {
			fmt.Fprintf(l.w, "glass: %d of %d, %v left: %s, round %d, %s: %s\n", p.Done, p.Total, p.Left, p.Workload.Name, p.Round, p.Server, p.Measured.oneLine())
		}
		return
	}
	var out strings.Builder
	if l.drawn > 0 {
		fmt.Fprintf(&out, "\x1b[%dA\x1b[J", l.drawn) // up, and clear what is below
	}
	text := l.table(p)
	l.drawn = strings.Count(text, "\n")
	out.WriteString(text)
	io.WriteString(l.w, out.String())
}

// End leaves the last table where it is.
func (l *Live) End() { l.drawn = 0 }

const barWidth = 30

func (l *Live) table(p Progress) string {
	var out, rows strings.Builder
	full := barWidth * p.Done / max(p.Total, 1)
	fmt.Fprintf(&out, "%s%s  %d of %d, %v left\n", l.bold(strings.Repeat("█", full)), strings.Repeat("░", barWidth-full), p.Done, p.Total, p.Left)
	fmt.Fprintf(&out, "%s, round %d\n", l.bold(p.Workload.Title), p.Round)
	table := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	for _, server := range p.Result.Servers {
		mark := " "
		if server == p.Server && p.Measured == nil {
			mark = "▸"
		}
		last := &Measurement{}
		for _, m := range p.Result.Measurements {
			if m.Server == server {
				last = m
			}
		}
		fmt.Fprintf(table, "%s %s\t%s\n", mark, server, last.oneLine())
	}
	table.Flush()
	for row := range strings.Lines(rows.String()) {
		runes := []rune(strings.TrimSuffix(row, "\n"))
		out.WriteString(string(runes[:min(len(runes), l.width-1)]) + "\n")
	}
	return out.String()
}

func (l *Live) bold(text string) string {
	if !l.colour {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// oneLine is a measurement in a few words.
func (m *Measurement) oneLine() string {
	if m.Failed != "" {
		return m.Failed
	}
	var parts []string
	for _, key := range []string{"rate", "idle_memory", "p50", "p99", "cpu", "memory"} {
		if v, ok := m.Values[key]; ok {
			metric, _ := MetricOf(key)
			parts = append(parts, metric.Short+" "+metric.Write(v))
		}
	}
	errors := int64(0)
	for _, count := range m.Errors {
		errors += count
	}
	if errors > 0 {
		parts = append(parts, fmt.Sprintf("%d errors", errors))
	}
	return strings.Join(parts, ", ")
}
