// An error that is the peer's fault. In glass: parser/syntax_error.go
package main

// refusal has the status that says so, and the rule that was broken. Any other error means that nobody is there to be told.
type refusal struct{ status, rule string }

func (r *refusal) Error() string { return r.rule }
