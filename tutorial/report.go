package tutorial

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"glasswsgi/check"
)

// Write shows an attempt to a learner: a line for each check, and everything about the first that failed.
func (a *Attempt) Write(w io.Writer, language string) {
	say := messages(language)
	writeMarks(w, a.Outcomes, language)
	if a.Exercise.Score {
		fmt.Fprintf(w, "  "+say("score")+"\n", a.Score(), len(a.Exercise.Checks))
	}
	if rest := len(a.Exercise.Checks) - len(a.Outcomes); rest > 0 {
		fmt.Fprintf(w, "    "+say("checks-left")+"\n", rest)
	}
	if first := a.First(); first != nil {
		fmt.Fprintln(w)
		first.write(w, language)
	}
	a.writeOwn(w, language)
}

// writeOwn shows the learner's own checks, as theirs.
func (a *Attempt) writeOwn(w io.Writer, language string) {
	say := messages(language)
	if a.OwnErr != nil {
		fmt.Fprintf(w, "\n  "+say("own-broken")+"\n    %s\n", strings.ReplaceAll(strings.TrimSpace(a.OwnErr.Error()), "\n", "\n    "))
		return
	}
	if len(a.Own) == 0 {
		return
	}
	fmt.Fprintf(w, "\n  "+say("own")+"\n", OwnFile)
	writeMarks(w, a.Own, language)
	if first := a.firstOwn(); first != nil {
		fmt.Fprintln(w)
		first.write(w, language)
		fmt.Fprintf(w, "\n  %s\n", say("own-failed"))
	}
}

// writeMarks writes a line for each check.
func writeMarks(w io.Writer, outcomes []*Outcome, language string) {
	for _, o := range outcomes {
		mark := "✓"
		if !o.Passed {
			mark = "✗"
		}
		fmt.Fprintf(w, "  %s %s\n", mark, o.Check.What.In(language))
	}
}

// Score is how many checks passed.
func (a *Attempt) Score() (passed int) {
	for _, o := range a.Outcomes {
		if o.Passed {
			passed++
		}
	}
	return passed
}

// stepName is for whoever writes checks, and tells a learner nothing.
var stepName = regexp.MustCompile(`^step \d+, \w+: `)

// write shows what was sent, what came back, the first wrong byte, the rule, and the name of the mistake.
func (o *Outcome) write(w io.Writer, language string) {
	say := messages(language)
	if o.Asked != "" {
		if o.Called != "" {
			fmt.Fprintf(w, "  >>> %s\n", o.Called)
		} else {
			fmt.Fprintf(w, "  $ %s\n", o.Asked)
		}
	}
	if o.Mistake != nil && slices.Contains(notWritten, o.Mistake.ID) {
		o.writeMistake(w, language)
		return
	}
	if o.Asked != "" {
		writeJSON(w, o.Received, translation(language))
	}
	check.WriteTranscript(w, o.Events, translation(language))
	if printed := strings.TrimSpace(lastLines(o.Printed, printedLines)); printed != "" && !strings.Contains(o.failure(), printed) {
		fmt.Fprintf(w, "\n  %s\n    %s\n", say("printed"), strings.ReplaceAll(printed, "\n", "\n    "))
	}
	if o.Raised != nil {
		fmt.Fprintf(w, "\n  %s %s\n", say("raised"), strings.ReplaceAll(o.Raised.String(), "\n", "\n          "))
	}
	fmt.Fprintf(w, "\n  %s %s\n", say("wrong"), strings.ReplaceAll(stepName.ReplaceAllString(inLanguage(o.Err, language), ""), "\n", "\n         "))
	if o.Asked == "" { // of JSON, no byte is the first wrong one
		check.WriteWrong(w, o.Err, translation(language))
		writeHex(w, o.Err, say("hex"))
	}
	if o.begun() {
		if o.Check.Rule != "" {
			fmt.Fprintf(w, "  %s %s\n", say("rule"), o.Check.Rule)
		}
		if o.Check.Why != o.Check.What {
			fmt.Fprintf(w, "  %s %s\n", say("why"), o.Check.Why.In(language))
		}
	}
	o.writeMistake(w, language)
	if len(o.Stepper) > 0 {
		fmt.Fprintf(w, "\n  %s\n    $ %s\n", say("step"), strings.Join(o.Stepper, "\n    > "))
	}
}

// Label is what a line of a report begins with, in any language: wrong, rule, got. Bytes says that it is followed by bytes that
// stand above or below others, which no line may break; so does the line that points at one, and has no label.
func Label(line string) (label string, bytes bool) {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	for _, language := range Languages {
		say, translate := messages(language), translation(language)
		for i, label := range []string{phrase("got:  ").In(translate), phrase("want: ").In(translate), say("hex"), say("raised"), say("wrong"), say("rule"), say("why")} {
			if label += " "; indent == 2 && strings.HasPrefix(line[indent:], label) {
				return line[:indent+len(label)], i < 3
			}
		}
	}
	return "", strings.TrimSpace(line) == "^"
}

// notWritten are the mistakes that everybody begins with: what a stub does instead of the work tells nothing.
var notWritten = []string{"not-written-yet", "no-check-yet"}

// notRead is the mistake of a Python file that cannot be read.
const notRead = "syntax-error"

// begun says whether it came to the check: the rule has nothing to do with a file that cannot be read.
func (o *Outcome) begun() bool {
	if o.Mistake != nil && o.Mistake.ID == notRead {
		return false
	}
	return !slices.Contains([]string{problemNoGo, problemCompile, problemCommand, problemEnded, problemSilent}, o.Problem)
}

func (o *Outcome) writeMistake(w io.Writer, language string) {
	if m := o.Mistake; m != nil {
		fmt.Fprintf(w, "\n  ➜ %s\n    %s\n", m.Name.In(language), strings.ReplaceAll(m.Advice.In(language), "\n", "\n    "))
	}
}

// writeJSON shows what came back of a call or a script, a line for each part of it.
func writeJSON(w io.Writer, text []byte, translate check.Translate) {
	var parts map[string]json.RawMessage
	if json.Unmarshal(text, &parts) != nil {
		check.WriteTranscript(w, []check.Event{{Kind: check.Received, Bytes: text}}, translate)
		return
	}
	order := []string{"error", "status", "headers", "body", "returned", "log"}
	for name := range maps.Keys(parts) {
		if !slices.Contains(order, name) && name != "changed" {
			order = append(order, name)
		}
	}
	slices.Sort(order[6:])
	for _, name := range order {
		value, ok := parts[name]
		var raised struct{ Type, Message, Where string }
		switch {
		case !ok || string(value) == "null":
		case name == "error" && json.Unmarshal(value, &raised) == nil:
			fmt.Fprintf(w, "  < %s: %s: %s\n", name, raised.Type, raised.Message)
			if raised.Where != "" {
				fmt.Fprintf(w, "  <   %s\n", raised.Where)
			}
		default:
			fmt.Fprintf(w, "  < %s: %s\n", name, cut(string(value), mostOfPart, translate))
		}
	}
}

// mostOfPart is how many bytes of a part are shown; it is ASCII.
const mostOfPart = 200

func cut(text string, most int, translate check.Translate) string {
	if len(text) <= most {
		return text
	}
	return text[:most] + phrase("… (%d characters)", len(text)).In(translate)
}

const printedLines = 12 // of what a program printed last

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// hexWidth is how many bytes around the first wrong one are shown.
const hexWidth = 16

// writeHex shows the bytes around the first wrong one, which stands in brackets.
func writeHex(w io.Writer, err error, label string) {
	f := check.Nearest(err)
	if f == nil || f.Got == nil || f.At > len(f.Got) {
		return
	}
	from := max(0, f.At-hexWidth/2)
	to := min(len(f.Got), from+hexWidth)
	var b strings.Builder
	for i := from; i < to; i++ {
		if i == f.At {
			fmt.Fprintf(&b, "[%02x] ", f.Got[i])
		} else {
			fmt.Fprintf(&b, "%02x ", f.Got[i])
		}
	}
	fmt.Fprintf(w, "  %s %s\n", label, strings.TrimSpace(b.String()))
}
