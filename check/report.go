package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	lineLimit  = 120 // characters of a line of a transcript
	eventLimit = 40  // lines of one side before the other answers
)

// Report writes what a person should know: each probe that failed, those that cannot tell, and two tables.
func Report(w io.Writer, results []Result) {
	for _, r := range results {
		if r.Outcome == Failed {
			reportFailure(w, r)
		}
	}
	reportUnclear(w, results)
	Summary(w, results)
	writeMarks(w, results)
}

// reportUnclear writes for each reason which probes cannot tell.
func reportUnclear(w io.Writer, results []Result) {
	ids := map[string][]string{}
	for _, r := range results {
		var unclear *Unclear
		if r.Outcome == CannotTell && errors.As(r.Err, &unclear) {
			ids[unclear.Because] = append(ids[unclear.Because], r.Probe.ID)
		}
	}
	for _, because := range slices.Sorted(maps.Keys(ids)) {
		fmt.Fprintf(w, "\nCANNOT TELL: %s\n  %s\n", because, strings.Join(ids[because], "\n  "))
	}
}

func reportFailure(w io.Writer, r Result) {
	p := r.Probe
	fmt.Fprintf(w, "\nFAILED %s\n  %s (%s, %s)\n\n", p.ID, p.What, p.Rule, p.Keyword)
	WriteTranscript(w, r.Events, nil)
	fmt.Fprintf(w, "\n  wrong: %s\n", strings.ReplaceAll(r.Err.Error(), "\n", "\n         "))
	WriteWrong(w, r.Err, nil)
	fmt.Fprintf(w, "  why:   %s\n  hint:  %s\n", p.Why, p.Hint)
}

// WriteTranscript shows the bytes of both directions, a line each, as curl -v does, with notes in a language.
func WriteTranscript(w io.Writer, events []Event, translate Translate) {
	for _, e := range events {
		on := ""
		if e.On != "" {
			on = e.On + " "
		}
		switch e.Kind {
		case Note:
			fmt.Fprintf(w, "  %s* %s\n", on, e.Note.In(translate))
		case Sent:
			writeBytes(w, on+"> ", e, translate)
		case Received:
			writeBytes(w, on+"< ", e, translate)
		}
	}
}

// writeBytes shows each line with the characters that end it.
func writeBytes(w io.Writer, mark string, e Event, translate Translate) {
	shown := 0
	for line := range bytes.Lines(e.Bytes) {
		if shown++; shown > eventLimit {
			all := say("… %d lines in all, %d bytes", bytes.Count(e.Bytes, []byte("\n")), len(e.Bytes))
			fmt.Fprintf(w, "  %s%s\n", mark, all.In(translate))
			break
		}
		fmt.Fprintf(w, "  %s%s\n", mark, shorten(visible(line), lineLimit, translate))
	}
	if e.More > 0 {
		fmt.Fprintf(w, "  %s%s\n", mark, say("… and %d bytes more", e.More).In(translate))
	}
}

// WriteWrong points at the first wrong byte of an error that has one.
func WriteWrong(w io.Writer, err error, translate Translate) {
	var f *Failure
	for errors.As(err, &f) && f.Nearest != nil {
		err = f.Nearest
	}
	if f == nil || f.Got == nil && f.Want == nil {
		return
	}
	from := max(0, f.At-60)
	before := visible(f.Got[from:f.At])
	got, wanted := say("got:  ").In(translate), say("want: ").In(translate)
	fmt.Fprintf(w, "  %s %s\n", got, shorten(before+visible(f.Got[f.At:]), lineLimit, translate))
	fmt.Fprintf(w, "  %s %s^\n", strings.Repeat(" ", columns(got)), strings.Repeat(" ", utf8.RuneCountInString(before)))
	if f.Want != nil {
		want := f.Want
		if !bytes.HasPrefix(want, f.Got[:f.At]) { // only the rest is known
			want = append(bytes.Clone(f.Got[:f.At]), want...)
		}
		fmt.Fprintf(w, "  %s %s\n", wanted, shorten(visible(want[from:]), lineLimit, translate))
	}
}

// visible shows bytes on one line: printable ASCII as it is, all else as \r, \n, \t and \xNN.
func visible(text []byte) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\':
			b.WriteString(`\\`)
		case c < 0x20 || c > 0x7e:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// columns are those of a terminal, in which a Chinese character takes two.
func columns(text string) (n int) {
	for _, r := range text {
		if n++; r > 0x2e80 {
			n++
		}
	}
	return n
}

func shorten(s string, limit int, translate Translate) string {
	if len(s) <= limit {
		return s
	}
	return s[:limit] + say("… (%d characters)", len(s)).In(translate)
}

// Summary writes the table of groups: passed/failed for each keyword.
func Summary(w io.Writer, results []Result) {
	keywords := []string{"MUST", "SHOULD", "MAY"}
	var groups []string
	counts := map[string]int{}
	for _, r := range results {
		group := r.Probe.Group()
		if !slices.Contains(groups, group) {
			groups = append(groups, group)
		}
		for _, row := range []string{group, "all"} {
			counts[row+string(r.Outcome)+r.Probe.Keyword]++
			counts[row+string(r.Outcome)]++
		}
	}
	slices.Sort(groups)
	fmt.Fprintf(w, "\n%-52s %12s %12s %12s %12s %8s\n", "passed/failed", "MUST", "SHOULD", "MAY", "cannot tell", "skipped")
	for _, group := range append(groups, "all") {
		fmt.Fprintf(w, "%-52s", group)
		for _, keyword := range keywords {
			fmt.Fprintf(w, " %12s", ratio(counts[group+string(Passed)+keyword], counts[group+string(Failed)+keyword]))
		}
		fmt.Fprintf(w, " %12s %8s\n", number(counts[group+string(CannotTell)]), number(counts[group+string(Skipped)]))
	}
}

func ratio(passed, failed int) string {
	if passed+failed == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", passed, failed)
}

func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// List writes a line for each probe.
func List(w io.Writer, probes []*Probe) {
	for _, p := range probes {
		fmt.Fprintf(w, "%-50s %-6s %-40s %s\n", p.ID, p.Keyword, p.Rule, p.What)
	}
}

// Explain writes everything about a probe.
func Explain(w io.Writer, p *Probe) {
	fmt.Fprintf(w, "%s\n  %s\n  rule:  %s, %s\n  why:   %s\n  hint:  %s\n", p.ID, p.What, p.Rule, p.Keyword, p.Why, p.Hint)
	if !p.NeedsApplication() {
		fmt.Fprintln(w, "  It needs no application.")
	}
	if premise, err := p.premise(); err == nil && premise != nil {
		fmt.Fprintf(w, "  Cannot tell, where it fails, of a server that is none that %s: see %s.\n", premise.Does, premise.Probe)
	}
	if p.Alone {
		fmt.Fprintln(w, "  No other probe runs at the same time.")
	}
	fmt.Fprintln(w)
	for _, s := range p.Steps {
		s.explain(w)
	}
}

// explain shows a step: the bytes as texts, with the placeholders that they have.
func (s *Step) explain(w io.Writer) {
	on := ""
	if s.On != "" {
		on = s.On + " "
	}
	if s.Times > 1 {
		on = fmt.Sprintf("%d times %s", s.Times, on)
	}
	switch s.action.name {
	case "send":
		writeText(w, on+"> ", *s.Send)
		switch {
		case s.Pieces > 0:
			fmt.Fprintf(w, "  %s* %d byte(s) at a time\n", on, s.Pieces)
		case s.Cut != nil:
			fmt.Fprintf(w, "  %s* in parts that end after %d bytes\n", on, s.Cut)
		}
	case "expect":
		fmt.Fprintf(w, "  %s< %s\n", on, s.permitted("\n  "+on+"< or "))
	case "expect_part":
		writeText(w, on+"< … ", *s.ExpectPart)
	case "expect_raw":
		writeText(w, on+"< ", *s.ExpectRaw)
	case "pause", "expect_silence":
		fmt.Fprintf(w, "  %s* %s %s\n", on, strings.ReplaceAll(s.action.name, "_", " "), s.duration())
	default:
		fmt.Fprintf(w, "  %s* %s\n", on, strings.ReplaceAll(s.action.name, "_", " "))
	}
}

func writeText(w io.Writer, mark, text string) {
	var b []byte
	for _, r := range text {
		b = append(b, byte(r))
	}
	writeBytes(w, mark, Event{Bytes: b}, nil)
}
