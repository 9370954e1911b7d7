package stepper

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"glasswsgi/inspect"
	"glasswsgi/inspect/hub"
	"glasswsgi/parser"
)

const (
	lineWidth  = 100 // characters of a line, about
	around     = 3   // lines of source before and after the one that comes next
	mostSteps  = 400 // lines of history
	shownBytes = 4096
)

// ANSI escape sequences (ECMA-48 §8.3.117).
const (
	bold  = "\x1b[1m"
	mark  = "\x1b[7m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

func (s *Stepper) paint(color, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return color + text + plain
}

// showStop shows where the exchange is stopped.
func (s *Stepper) showStop() {
	x, ok := s.hub.Exchange(s.current)
	if !ok {
		return
	}
	s.print("")
	s.showReason()
	if !s.stop.InPython() {
		s.showStep(x.Steps[s.stop.Step])
		return
	}
	frame := s.stop.Frames[0]
	s.print("%s  %s:%d", s.paint(bold, fmt.Sprintf("#%d %s", x.ID, frame.Name)), short(frame.Place.File), frame.Place.Line)
	s.showSource(frame.Place)
	s.showChanged(frame)
	if s.stop.Note != s.noted && s.Terminal { // it holds for a whole walk, and is told once
		if s.noted = s.stop.Note; s.noted != "" {
			s.print("   note: %s", s.noted)
		}
	}
}

// showLine shows a line of the application as it was.
func (s *Stepper) showLine(line *hub.Line) {
	s.print("%s  %s:%d", s.paint(bold, fmt.Sprintf("#%d %s", s.current, line.Place.Function)), short(line.Place.File), line.Place.Line)
	s.showSource(line.Place)
	for _, v := range line.Values {
		if v.Changed {
			s.print("   %s = %s", v.Name, inspect.Shorten(v.Text, lineWidth-len(v.Name)))
		}
	}
}

// showReason says why, where it is not for a step.
func (s *Stepper) showReason() {
	switch s.stop.Reason {
	case hub.AtBreakpoint:
		s.print("breakpoint %d", s.stop.Breakpoint)
	case hub.AtException:
		s.print("the application raised %s", s.stop.Text)
	case hub.AtRule:
		s.print("a rule of %s is broken:", s.stop.Spec)
		s.print("   %s", s.stop.Text)
	case hub.AtCall:
		s.print("breakpoint()")
	}
}

// showStep shows a step of the server, now or in the past.
func (s *Stepper) showStep(step hub.Step) {
	x, ok := s.hub.Exchange(s.current)
	if !ok {
		return
	}
	s.print("%s  %s  %s", s.paint(bold, fmt.Sprintf("#%d %s", x.ID, step.Name)), step.Spec,
		s.paint(faint, s.at(step.Source)))
	s.print("   %s", s.strip(step.Stage))
	if all := stream(x, step.Side); step.Side != "" && step.Wire.Len() > 0 && step.Wire.Start < len(all) {
		s.showWire(all, step.Wire)
	} else if step.Text != "" {
		s.print("   %s", inspect.Shorten(inspect.Printable([]byte(step.Text)), lineWidth))
	}
	for _, line := range derived(x, step) {
		s.print("   -> %s", line)
	}
}

// strip is the way of a request, with the place where it is.
func (s *Stepper) strip(stage string) string {
	var parts []string
	for _, name := range hub.Stages {
		if name == stage {
			name = s.paint(mark, "["+name+"]")
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, " ")
}

// stream is one direction of an exchange.
func stream(x *hub.Exchange, side string) []byte {
	if side == "response" {
		return x.Response.Bytes()
	}
	return x.Request.Bytes()
}

// showWire shows the lines that a range of bytes is in, and marks it.
func (s *Stepper) showWire(all []byte, wire parser.Span) {
	end := min(wire.End, len(all))
	first := bytes.LastIndexByte(all[:wire.Start], '\n') + 1
	last := len(all)
	if at := bytes.IndexByte(all[max(end-1, 0):], '\n'); at >= 0 {
		last = max(end-1, 0) + at + 1
	}
	shown := 0
	for line := range bytes.Lines(all[first:last]) {
		if shown++; shown > 12 {
			s.print("   ... bytes %v in all", wire)
			return
		}
		start := first
		first += len(line)
		s.markedLine(line, start, parser.Span{Start: wire.Start, End: end})
	}
}

// markedLine shows a line that begins at a byte of the stream, and marks what lies within the range.
func (s *Stepper) markedLine(line []byte, start int, wire parser.Span) {
	from, to := max(0, wire.Start-start), min(len(line), wire.End-start)
	before, marked, after := inspect.Printable(line[:from]), inspect.Printable(line[from:to]), inspect.Printable(line[to:])
	if n := utf8.RuneCountInString(before + marked); n > lineWidth && from == 0 {
		marked, after = inspect.Shorten(marked, lineWidth), ""
	}
	if s.Color {
		s.print("   %s%s%s", before, s.paint(mark, marked), after)
		return
	}
	s.print("   %s%s%s", before, marked, after)
	if from == 0 && to == len(line) {
		return // all of it: carets would only double the lines
	}
	s.print("   %s%s", strings.Repeat(" ", utf8.RuneCountInString(before)), strings.Repeat("^", utf8.RuneCountInString(marked)))
}

// derived says what a step made of the bytes.
func derived(x *hub.Exchange, step hub.Step) []string {
	switch {
	case step.Name == "request-line":
		return []string{fmt.Sprintf("method %q, request-target %q, %s", x.Method, x.Target, x.Version)}
	case step.Name == "field-line" && step.Side == "request":
		for _, v := range x.Environ {
			if step.Wire.Start <= v.Wire.Start && v.Wire.End <= step.Wire.End && v.Wire.Len() > 0 {
				return []string{fmt.Sprintf("environ[%q] = %q", v.Name, v.Value)}
			}
		}
		name, value, _ := strings.Cut(step.Text, ":")
		return []string{fmt.Sprintf("field name %q, value %q", name, strings.TrimSpace(value))}
	case step.Name == "message-body-length":
		return []string{step.Text}
	case step.Name == "environ":
		return []string{"environ lists them; set NAME = VALUE changes what the application will get"}
	case step.Name == "start_response" && x.Head != nil:
		return headLines(x.Head)
	case step.Name == "head" && x.Head != nil:
		return append(headLines(x.Head), "set status = ..., set header NAME = ... change what is sent")
	case step.Name == "status-line" || step.Name == "field-line":
		if o, ok := x.Response.Origin(step.Wire.End - len("\r\n") - 1); ok {
			return []string{fmt.Sprintf("bytes %v of the response, by %s", step.Wire, author(o))}
		}
	case step.Name == "send":
		return []string{fmt.Sprintf("bytes %v of the response", step.Wire)}
	}
	return nil
}

func headLines(head *hub.Head) []string {
	lines := []string{head.Status}
	for _, field := range head.Headers {
		lines = append(lines, field.Name+": "+inspect.Printable([]byte(field.Value)))
	}
	if head.Python != nil {
		lines = append(lines, fmt.Sprintf("said in %s:%d", short(head.Python.File), head.Python.Line))
	}
	return lines
}

// showSource shows the lines round a place.
func (s *Stepper) showSource(at hub.Place) {
	text, err := s.hub.SourceOf(at.File)
	if err != nil {
		s.print("   (no source: %v)", err)
		return
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := max(1, at.Line-around); i <= min(len(lines), at.Line+around); i++ {
		arrow, line := "   ", strings.ReplaceAll(lines[i-1], "\t", "    ")
		if i == at.Line {
			arrow, line = " ->", s.paint(bold, line)
		}
		s.print("%s %4d  %s", arrow, i, line)
	}
}

// showChanged shows the variables that are new, or have changed since the last stop in this frame.
func (s *Stepper) showChanged(frame hub.Frame) {
	scopes, err := s.session.Scopes(s.current, frame.ID)
	if err != nil || len(scopes) == 0 || scopes[0].Name != "Locals" {
		return
	}
	values, err := s.session.Children(s.current, scopes[0].Reference, 0, 0)
	if err != nil {
		return
	}
	for _, v := range values {
		if v.Changed {
			s.print("   %s = %s", v.Name, inspect.Shorten(v.Text, lineWidth-len(v.Name)))
		}
	}
}

func (s *Stepper) environ(string) error {
	x, _ := s.hub.Exchange(s.current)
	if x == nil || len(x.Environ) == 0 {
		return fmt.Errorf("there is no environ yet: it comes when the request has been received")
	}
	for _, v := range x.Environ {
		from := ""
		if v.Wire.Len() > 0 {
			from = v.Wire.String()
		}
		value := v.Value
		if v.Type == "" || v.Type == "str" {
			value = fmt.Sprintf("%q", v.Value)
		}
		if !s.Terminal && (v.Name == "SERVER_PORT" || v.Name == "REMOTE_PORT") {
			value = `"*"`
		}
		if v.Edited {
			value += "  (edited)"
		}
		s.print("   %-22s %-9s %s", v.Name, from, inspect.Shorten(value, lineWidth-32))
	}
	return nil
}

// bytes shows a whole direction, and of a response who wrote each part.
func (s *Stepper) bytes(rest string) error {
	x, _ := s.hub.Exchange(s.current)
	if x == nil {
		return hub.ErrNoExchange
	}
	if !strings.HasPrefix("response", rest) || rest == "" {
		for line := range bytes.Lines(x.Request.Bytes()[:min(shownBytes, len(x.Request.Bytes()))]) {
			s.print("   %s", inspect.Printable(line))
		}
		return nil
	}
	all := x.Response.Bytes()
	for _, o := range x.Response.Origins {
		if o.Wire.End > len(all) {
			break
		}
		s.print("   %-11s %-34s %s", o.Wire, author(o), inspect.Shorten(inspect.Printable(all[o.Wire.Start:o.Wire.End]), lineWidth/2))
	}
	if len(all) == 0 {
		return fmt.Errorf("nothing was sent yet")
	}
	return nil
}

// author says who wrote a part of a response.
func author(o hub.Origin) string {
	by := string(o.By)
	if o.Block > 0 {
		by = fmt.Sprintf("%s %d", by, o.Block)
	}
	if o.Python != nil {
		by += fmt.Sprintf(" %s:%d", short(o.Python.File), o.Python.Line)
	}
	return by
}

// at is a place in Go. Its lines move from version to version, so a transcript has the function.
func (s *Stepper) at(p hub.Place) string {
	if s.Terminal || !strings.HasSuffix(p.File, ".go") {
		return fmt.Sprintf("%s:%d", short(p.File), p.Line)
	}
	return p.File + " " + p.Function
}

func (s *Stepper) history(string) error {
	x, _ := s.hub.Exchange(s.current)
	if x == nil {
		return hub.ErrNoExchange
	}
	for _, step := range x.Steps[max(0, len(x.Steps)-mostSteps):] {
		s.print("   %2d %-8s %-22s %s", step.Index, step.Stage, step.Name, inspect.Shorten(inspect.Printable([]byte(step.Text)), lineWidth/2))
	}
	return nil
}

// showEnd says what became of an exchange.
func (s *Stepper) showEnd(id uint64) {
	x, ok := s.hub.Exchange(id)
	if !ok {
		return
	}
	status := "no response"
	if line, _, found := bytes.Cut(x.Response.Bytes(), []byte("\r\n")); found {
		status = string(line)
	}
	s.print("")
	s.print("#%d has ended: %s %s: %s, %d bytes in %d steps", x.ID, x.Method, x.Target, status, x.Response.Length, len(x.Steps))
	if f := x.Failure; f != nil {
		s.print("   %s", f.Text)
	}
}

// ---- text

var masks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(127\.0\.0\.1|\[::1\]):\d+`), "$1:*"},
	{regexp.MustCompile(`Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT`), "Date: ***, ** *** **** **:**:** GMT"},
	{regexp.MustCompile(`glass/\d+\.\d+\.\d+`), "glass"},
	{regexp.MustCompile(`0x[0-9a-f]{6,16}`), "0x*"},
}

// mask hides what differs from run to run.
func mask(text string) string {
	for _, m := range masks {
		text = m.what.ReplaceAllString(text, m.with)
	}
	return text
}

// short is a path seen from the working directory, where that is shorter.
func short(file string) string {
	here, err := os.Getwd()
	if err != nil {
		return file
	}
	if near, err := filepath.Rel(here, file); err == nil && !strings.HasPrefix(near, "..") {
		return filepath.ToSlash(near)
	}
	return file
}
