package stepper

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"glasswsgi/inspect"
	"glasswsgi/inspect/hub"
)

// command is one that can be typed. Its first letters are enough where no earlier one begins with them; the names of
// Python's debugger will do, too.
type command struct {
	name, arguments, help string
	run                   func(s *Stepper, rest string) error
}

// commands are tried in this order; helpText shows them. It is filled by init, because help refers to it.
var commands []command

func init() {
	commands = []command{
		{"step", "", "to the next step of the server or line of the application", going(hub.In)},
		{"next", "", "to the next that lies no deeper: over calls, over the parts of a step", going(hub.Over)},
		{"out", "", "until this function, or these parts, are over", going(hub.Out)},
		{"in", "", "as step, and into code that is not the application's own", going(hub.IntoLibrary)},
		{"stage", "", "to the next step of the server, over all lines of the application", going(hub.ToStage)},
		{"continue", "", "to the next breakpoint, or to the end", going("")},
		{"back", "", "show the step or line before; nothing is undone", (*Stepper).back},
		{"forward", "", "show the step or line after that", (*Stepper).forward},
		{"break", "[STEP|FILE:LINE|exception|raised|rule] [if CONDITION]", "stop there; alone, list them", (*Stepper).addBreak},
		{"log", "STEP|FILE:LINE TEXT", "print a text there, in which {NAME} stands for a value", (*Stepper).addLog},
		{"delete", "[NUMBER]", "delete a breakpoint, or all", (*Stepper).delete},
		{"print", "EXPRESSION", "what it is in this frame; before the call, a variable of the environ", (*Stepper).evaluate},
		{"set", "NAME = VALUE", "change a variable of the environ before the call, a local, or at head: status, or header NAME", (*Stepper).set},
		{"where", "", "the stack", (*Stepper).where},
		{"up", "", "look at the frame that called this one", (*Stepper).up},
		{"down", "", "look at the frame that this one called", (*Stepper).down},
		{"locals", "", "the variables of this frame", (*Stepper).locals},
		{"environ", "", "the environ, and the bytes that each variable came from", (*Stepper).environ},
		{"follow", "[NAME]", "the way of a variable: lines that read it, texts in the application, the same bytes in the response", (*Stepper).follow},
		{"bytes", "[response]", "the bytes of the request, or of the response and who wrote them", (*Stepper).bytes},
		{"source", "", "the lines round this one", (*Stepper).source},
		{"history", "", "the steps so far", (*Stepper).history},
		{"help", "", "this list; Enter repeats the last command; names of pdb, such as l, r and d, will do, too", (*Stepper).help},
		{"quit", "", "let everything go on, and end", (*Stepper).quit},
	}
}

// obey carries out a line of input.
func (s *Stepper) obey(line string) {
	line = strings.TrimSpace(line)
	if before, _, found := strings.Cut(line, "#"); found && strings.TrimSpace(before) == "" {
		return // a remark in a script
	}
	if line == "" {
		line = s.last
	}
	if line == "" {
		return
	}
	s.last = line
	word, rest, _ := strings.Cut(line, " ")
	word, rest = asPDB(word, rest)
	for _, c := range commands {
		if strings.HasPrefix(c.name, word) {
			if err := c.run(s, strings.TrimSpace(rest)); err != nil {
				s.print("%v", err)
			}
			return
		}
	}
	s.print("%v", unknown(word, line))
}

func going(how hub.How) func(*Stepper, string) error {
	return func(s *Stepper, _ string) error {
		s.leave(how)
		return nil
	}
}

func (s *Stepper) back(string) error    { return s.view(s.session.Back) }
func (s *Stepper) forward(string) error { return s.view(s.session.Forward) }

func (s *Stepper) view(move func(uint64) (hub.Moment, error)) error {
	moment, err := move(s.current)
	if err != nil {
		return err
	}
	if _, past, _ := s.session.Viewed(s.current); past {
		s.viewed = &moment
	} else {
		s.viewed = nil
	}
	if moment.Line == nil {
		s.showStep(moment.Step)
		return nil
	}
	s.showLine(moment.Line)
	return nil
}

// ---- breakpoints

func (s *Stepper) addBreak(rest string) error {
	if rest == "" {
		s.listBreaks()
		return nil
	}
	at, condition, _ := strings.Cut(rest, " if ")
	b := place(strings.TrimSpace(at))
	b.Condition = strings.TrimSpace(condition)
	return s.add(b)
}

func (s *Stepper) addLog(rest string) error {
	at, text, found := strings.Cut(rest, " ")
	if !found {
		return fmt.Errorf("log what? For example: log call path is {PATH_INFO}")
	}
	b := place(at)
	b.Log = strings.TrimSpace(text)
	return s.add(b)
}

// place reads where a breakpoint is to be.
func place(at string) hub.Breakpoint {
	switch at {
	case "exception":
		return hub.Breakpoint{Kind: hub.AtUncaught}
	case "raised":
		return hub.Breakpoint{Kind: hub.AtRaised}
	case "rule":
		return hub.Breakpoint{Kind: hub.AtBrokenRule}
	}
	if colon := strings.LastIndex(at, ":"); colon > 0 {
		if line, err := strconv.Atoi(at[colon+1:]); err == nil {
			return hub.Breakpoint{Kind: hub.AtLine, File: at[:colon], Line: line}
		}
	}
	return hub.Breakpoint{Kind: hub.AtStage, Stage: at}
}

func (s *Stepper) add(b hub.Breakpoint) error {
	set, err := s.session.SetBreakpoints(append(slices.Clone(s.points), b))
	if err != nil {
		return err
	}
	s.points = set
	last := &set[len(set)-1]
	if !last.Verified {
		s.points = set[:len(set)-1]
		s.session.SetBreakpoints(s.points)
		return fmt.Errorf("no breakpoint: %s", last.Message)
	}
	s.print("%s", describe(last))
	return nil
}

func (s *Stepper) listBreaks() {
	if len(s.points) == 0 {
		s.print("no breakpoints; for example: break environ, break app.py:12 if name == 'bob', break exception")
	}
	for i := range s.points {
		s.print("%s", describe(&s.points[i]))
	}
}

func describe(b *hub.Breakpoint) string {
	text := fmt.Sprintf("breakpoint %d: ", b.ID)
	switch b.Kind {
	case hub.AtStage:
		text += "step " + b.Stage
	case hub.AtLine:
		text += fmt.Sprintf("%s:%d", short(b.File), b.Line)
	case hub.AtUncaught:
		text += "an exception that the application does not catch"
	case hub.AtRaised:
		text += "any exception in the application"
	case hub.AtBrokenRule:
		text += "a broken rule of PEP 3333"
	}
	if b.Condition != "" {
		text += " if " + b.Condition
	}
	if b.Log != "" {
		text += " log " + b.Log
	}
	return text
}

func (s *Stepper) delete(rest string) error {
	if rest == "" {
		s.points = nil
	} else {
		number, err := strconv.Atoi(rest)
		at := slices.IndexFunc(s.points, func(b hub.Breakpoint) bool { return b.ID == number })
		if err != nil || at < 0 {
			return fmt.Errorf("there is no breakpoint %s; break lists them", rest)
		}
		s.points = slices.Delete(slices.Clone(s.points), at, at+1)
	}
	_, err := s.session.SetBreakpoints(s.points)
	return err
}

// ---- values

func (s *Stepper) evaluate(rest string) error {
	if rest == "" {
		return fmt.Errorf("print what? For example: print environ['PATH_INFO']")
	}
	value, err := s.session.Evaluate(s.current, s.stop.Frames[s.frame].ID, rest)
	if err != nil {
		return err
	}
	s.print("%s", value.Text)
	return nil
}

// set changes a variable.
func (s *Stepper) set(rest string) error {
	name, value, found := strings.Cut(rest, "=")
	if !found {
		return fmt.Errorf("set NAME = VALUE: there is no = in %q", rest)
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	frame := s.stop.Frames[s.frame]
	field, isHeader := strings.CutPrefix(name, "header ")
	var err error
	switch {
	case frame.Python:
		err = s.setInPython(frame, name, value)
	case isHeader:
		err = s.session.SetHeader(s.current, strings.TrimSpace(field), value)
	case name == "status":
		err = s.session.SetStatus(s.current, value)
	default:
		err = s.session.SetEnviron(s.current, name, value)
	}
	if err == nil {
		s.print("%s = %s", name, value)
	}
	return err
}

var identifier = regexp.MustCompile(`^[\pL_][\pL\pN_]*$`)

// setInPython changes a local, or, with a name that has parts such as environ["PATH_INFO"], a member of one.
func (s *Stepper) setInPython(frame hub.Frame, name, value string) (err error) {
	if identifier.MatchString(name) {
		var scopes []hub.Scope
		if scopes, err = s.session.Scopes(s.current, frame.ID); err == nil {
			_, err = s.session.SetVariable(s.current, scopes[0].Reference, name, value)
		}
	} else {
		_, err = s.session.Evaluate(s.current, frame.ID, name+" = "+value)
	}
	if err == nil {
		return nil
	}
	hint := fmt.Sprintf("here the value is an expression of Python: set %s = %q", name, value)
	if x, _ := s.hub.Exchange(s.current); x != nil && slices.ContainsFunc(x.Environ, func(v hub.Variable) bool { return v.Name == name }) {
		hint = fmt.Sprintf("the application has its environ now: set environ[%q] = %q; before the call, set %s = %s would do", name, value, name, value)
	}
	return fmt.Errorf("%w\n   %s", err, hint)
}

func (s *Stepper) locals(string) error {
	if s.viewed != nil {
		if s.viewed.Line != nil {
			s.showValues(s.viewed.Line.Values)
		}
		return nil
	}
	frame := s.stop.Frames[s.frame]
	scopes, err := s.session.Scopes(s.current, frame.ID)
	if err != nil {
		return err
	}
	values, err := s.session.Children(s.current, scopes[0].Reference, 0, 0)
	s.showValues(values)
	return err
}

func (s *Stepper) showValues(values []hub.Value) {
	for _, v := range values {
		mark := " "
		if v.Changed {
			mark = "*"
		}
		s.print(" %s %s = %s", mark, v.Name, inspect.Shorten(v.Text, lineWidth-len(v.Name)))
	}
}

// ---- the stack

func (s *Stepper) where(string) error {
	for i, frame := range s.stop.Frames {
		mark := " "
		if i == s.frame {
			mark = ">"
		}
		s.print("%s %-28s %s", mark, frame.Name, s.at(frame.Place))
	}
	return nil
}

func (s *Stepper) up(string) error   { return s.choose(s.frame + 1) }
func (s *Stepper) down(string) error { return s.choose(s.frame - 1) }

func (s *Stepper) choose(frame int) error {
	if frame < 0 || frame >= len(s.stop.Frames) {
		return fmt.Errorf("there is no frame further that way")
	}
	s.frame = frame
	s.showSource(s.stop.Frames[frame].Place)
	return nil
}

// ---- the rest

func (s *Stepper) source(string) error {
	at := s.stop.Frames[s.frame].Place
	if s.viewed != nil {
		at = s.viewed.Place()
	}
	s.showSource(at)
	return nil
}

func (s *Stepper) help(string) error {
	for _, c := range commands {
		s.print("  %s", strings.TrimSpace(c.name+" "+c.arguments))
		s.print("        %s", c.help)
	}
	return nil
}

func (s *Stepper) quit(string) error {
	s.finished = true
	return nil
}
