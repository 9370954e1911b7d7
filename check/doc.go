// Package check holds an HTTP/1.x server, and the WSGI server in it, to the rules: it takes the probes of probes/*.toml
// and the address of a server, and gives a Result for each. A probe is a conversation over raw sockets, some bytes to
// send and some answers that a rule of RFC 9112, RFC 9110 or PEP 3333 permits. docs/CHECK.md is the page for whoever
// writes probes or reads results.
//
// Start reading with probe.go (what a probe is), then step.go (what its steps do), alternative.go and condition.go (what
// an answer is held to), response.go (how an answer is read).
package check
