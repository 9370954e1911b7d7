// Package dap speaks the Debug Adapter Protocol with editors, on behalf of the hub. In come requests of an editor; out go
// responses and events. A session's thread is an exchange, named by its number, peer and request-line; its frames are the
// lines of the application, on top of the server's step, whose line of Go is shown from a checkout or from the binary.
//
// Only loopback addresses and Unix sockets of mode 0600 are listened on, since the protocol knows no passwords. What is no
// message of the protocol, HTTP for instance, ends its connection. A connection that ends lets go of all that it stopped.
//
// Specification: Debug Adapter Protocol 1.6x, https://microsoft.github.io/debug-adapter-protocol/specification
//
// Start reading at session.go: handle is the list of requests.
package dap
