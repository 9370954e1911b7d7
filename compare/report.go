package compare

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Report prints comparisons for people: what a rule forbids, or none decides, as a whole. What a rule permits is a line for
// each request, unless it is asked for; then it is shown the first time that it is met.
func Report(w io.Writer, left, right string, all []Comparison, permitted bool) {
	counts, met := map[Verdict]int{}, map[string]bool{}
	for _, c := range all {
		line, _, _ := bytes.Cut(c.Request.Raw, []byte("\r\n"))
		fmt.Fprintf(w, "%s: %s\n", c.Request.Name, line)
		fmt.Fprintf(w, "  %s\n  %s\n", outcome(left, c.Left, len(left), len(right)), outcome(right, c.Right, len(left), len(right)))
		again, names := 0, []string{}
		for _, d := range c.Differences {
			counts[d.Verdict]++
			if d.Verdict == Permitted && !permitted {
				names = append(names, strings.TrimSpace(nouns[d.Where]+" "+d.Name))
				continue
			}
			if key := d.Where + d.Name + d.Why; d.Verdict == Permitted && met[key] {
				again++
				continue
			} else {
				met[key] = true
			}
			fmt.Fprintf(w, "  %s %s\n", marks[d.Verdict], d.title(left, right))
			fmt.Fprintf(w, "      %-*s  %s\n", max(len(left), len(right)), left, d.Left)
			fmt.Fprintf(w, "      %-*s  %s\n", max(len(left), len(right)), right, d.Right)
			if d.Why != "" {
				fmt.Fprintf(w, "      %s\n", strings.TrimPrefix(d.Spec+": "+d.Why, ": "))
			}
		}
		if len(names) > 0 {
			fmt.Fprintf(w, "  = %d permitted, in %s\n", len(names), strings.Join(slices.Compact(names), ", "))
		}
		if again > 0 {
			fmt.Fprintf(w, "  = and %d that were shown above\n", again)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%d requests; differences: %d permitted (=), %d that a rule forbids (!), %d that no rule here decides (?)\n",
		len(all), counts[Permitted], counts[Forbidden], counts[Open])
}

// marks stand before a difference.
var marks = map[Verdict]string{Permitted: "=", Forbidden: "!", Open: "?"}

func outcome(name string, a *Answer, widths ...int) string {
	width := 0
	for _, w := range widths {
		width = max(width, w)
	}
	if a.Status == "" {
		return fmt.Sprintf("%-*s  %s", width, name, a.Problem)
	}
	text := fmt.Sprintf("%-*s  %s %s, a body of %d bytes", width, name, a.Version, a.Status, len(a.Body))
	if a.Problem != "" {
		text += "; " + a.Problem
	}
	return text
}

// nouns are what a difference is in.
var nouns = map[string]string{
	"status": "the status", "reason": "the reason phrase", "version": "the HTTP-version", "header": "field", "body": "the body", "surplus": "bytes after the answer",
	"environ": "environ", "calls": "call", "called": "the application", "problem": "the answer",
}

func (d *Difference) title(left, right string) string {
	text := nouns[d.Where]
	if d.Name != "" {
		text += " " + d.Name
	}
	if d.Offset >= 0 {
		text += fmt.Sprintf(", from byte %d on", d.Offset)
	}
	switch d.Broken {
	case "left":
		text += ": " + left + " breaks a rule"
	case "right":
		text += ": " + right + " breaks a rule"
	}
	return text
}
