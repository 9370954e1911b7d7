// Package loop is a front for HTTP/1.x that serves many sockets in one thread: an event loop over epoll, for Linux.
//
// Think of it as the express lane. A request whose head and body are there, and whose response comes whole, never leaves it.
// Whatever has to wait, for the peer or for the application, moves to a goroutine of package server, with its connection:
// a head or body in pieces, Expect, a response that comes bit by bit, a peer that takes it slowly, an observer. So there is
// no second copy of the hard cases; the parser, the environ, the rules of a response and its head are the same.
//
// Where to look, in the order of a request:
//
//   - loop.go: the loop itself. What is ready is read, then offered to the application, then answered, each all at once.
//   - accept.go: a connection comes.
//   - connection.go: its life; request.go: a request, from bytes to the application; response.go: back to bytes.
//   - record.go: an application that the loop itself calls.
//   - handover.go: how a connection goes to a goroutine.
//   - idle.go: how long a peer may be silent.
//   - visit.go: how the thread of an application in this process runs the loop.
package loop
