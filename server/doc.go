// Package server is the HTTP side of glass: it listens, accepts, receives, has the parser read, calls the application
// and assembles the response. In come bytes from a net.Listener and a wsgi.Application; out go bytes that RFC 9112
// allows, whatever peer and application do.
//
// Start reading at exchange.go: exchange.serve is the life of one request. connection.go repeats it for as long as the
// connection is kept, accept.go begins connections, and observe.go lists every Step that can be seen on the way.
package server
