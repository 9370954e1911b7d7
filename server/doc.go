// Package server is the front of glass that speaks HTTP/1.x: it listens, accepts, receives, has the parser read, has
// wsgi.Run hold the conversation with the application, and assembles the response. In come bytes from a net.Listener and a
// wsgi.Application; out go bytes that RFC 9112 allows, whatever peer and application do.
//
// Start reading at exchange.go: exchange.serve is the life of one request. connection.go repeats it for as long as the
// connection is kept, server.go begins connections, receive.go and body.go take bytes in, assembler.go and send.go send
// them out. Package front has what other fronts need, too.
package server
