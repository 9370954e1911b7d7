package hub

// Reason is why an exchange stopped.
type Reason string

const (
	AtBreakpoint Reason = "breakpoint" // one of the session's; Stop.Breakpoint is its ID
	AtStep       Reason = "step"       // a Step command ended here
	AtPause      Reason = "pause"      // a session asked for it
	AtEntry      Reason = "entry"      // the next exchange was to stop: PauseNext
	AtException  Reason = "exception"  // the application raised, and nothing in it catches that
	AtRule       Reason = "rule"       // the application broke a rule of PEP 3333 on this line
	AtCall       Reason = "breakpoint()"
)

// Stop says where and why an exchange is stopped.
type Stop struct {
	Reason     Reason `json:"reason"`
	Breakpoint int    `json:"breakpoint,omitempty"`
	Text       string `json:"text,omitempty"` // the exception, or the rule with the sentence of the PEP
	Spec       string `json:"spec,omitempty"` // the heading in the PEP, with AtRule

	// Step is the index in Exchange.Steps of the step at which it is stopped, or, in Python, of the latest before.
	Step int `json:"step"`
	// Frames is the stack, innermost first: Python's frames, where it is stopped in Python, on top of the stage.
	Frames []Frame `json:"frames"`
	// Note is what the user should know besides, such as that other requests wait for this one.
	Note string `json:"note,omitempty"`
}

// InPython says that a line of the application comes next, and not a step of the server.
func (s *Stop) InPython() bool { return len(s.Frames) > 0 && s.Frames[0].Python }

// Place is the line that comes next.
func (s *Stop) Place() Place {
	if len(s.Frames) == 0 {
		return Place{}
	}
	return s.Frames[0].Place
}

// Frame is one entry of a stack. ID names it in Scopes and Evaluate while the exchange stays stopped.
type Frame struct {
	ID     int    `json:"id"`
	Name   string `json:"name"` // a function, or a step's name
	Place  Place  `json:"place"`
	Python bool   `json:"python"`
	// Library says that the code is not the application's own: steps go over it, unless they are asked not to.
	Library bool `json:"library,omitempty"`
	// Text is the line of source.
	Text string `json:"text,omitempty"`
}

// How is how far a Step goes.
type How string

const (
	// In goes to whatever comes next: a step of the server or a line of the application.
	In How = "in"
	// Over goes to the next step or line that lies no deeper than this one, in the same function.
	Over How = "over"
	// Out goes until this function, or this group of steps, is left.
	Out How = "out"
	// ToStage goes to the next step of the server, over all lines of the application.
	ToStage How = "stage"
	// IntoLibrary is In, and stops in code that is not the application's, too.
	IntoLibrary How = "library"
)

// Scope is a group of variables of a frame.
type Scope struct {
	Name      string `json:"name"` // "Environ", "Request", "Response", "Locals", "Globals", ...
	Reference int    `json:"reference"`
	Expensive bool   `json:"expensive,omitempty"`
}

// Value is a variable as it is shown. Reference, if not 0, names it in Children while the exchange stays stopped.
type Value struct {
	Name      string `json:"name"`
	Text      string `json:"text"` // its repr, cut to MaxRepr
	Type      string `json:"type,omitempty"`
	Reference int    `json:"reference,omitempty"`
	Count     int    `json:"count,omitempty"` // of children
	Editable  bool   `json:"editable,omitempty"`
	Changed   bool   `json:"changed,omitempty"` // since the last stop in this frame
	Wire      *Wire  `json:"wire,omitempty"`    // the bytes it came from
}

// Wire is a range of one of the two streams.
type Wire struct {
	Side  string `json:"side"` // "request" or "response"
	Start int    `json:"start"`
	End   int    `json:"end"`
}
