package wsgi

// ContractError says that the application broke a rule of PEP 3333. The peer gets 500; the text is for the author of
// the application.
type ContractError struct {
	Rule    string // a short stable name: "start_response: called twice"
	Section string // the heading in PEP 3333: "The start_response() Callable"
	Detail  string // what the application did, and what to do instead
}

func (e *ContractError) Error() string {
	text := e.Rule
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Section != "" {
		text += ` (PEP 3333 "` + e.Section + `")`
	}
	return text
}

// ApplicationError says that the application raised an exception. The peer gets 500; the traceback goes to
// wsgi.errors only.
type ApplicationError struct {
	Exception string // its type and text on one line: "ValueError: bad id"
	Traceback string // as Python prints it
}

func (e *ApplicationError) Error() string { return "the application raised " + e.Exception }

// Failure is an error of a runtime: the application could not be asked, or did not answer. It knows the status code
// that tells the peer so (RFC 9110 §15.6).
type Failure interface {
	error
	StatusCode() int
}
