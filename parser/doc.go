// Package parser reads HTTP/1.0 and HTTP/1.1 request messages: bytes come in, events go out, and nothing else happens.
//
// What comes in: any pieces of the byte stream of one connection, through [Parser.Feed]. Where the stream is cut does
// not matter: one read of the socket may hold half a field line or three requests, and the events are the same.
//
// What goes out: one [Event] for each call of [Parser.Next], in the order of the message:
//
//	GotRequestLine  GotFieldLine*  GotHead                                     the head
//	GotBody*                                                                   a body with Content-Length
//	(GotChunkSize GotBody*)*  GotChunkSize "0"  GotTrailerLine*                a body in chunks
//	GotEnd                                                                     always
//
// [NeedData] says that the bytes fed so far hold no further event. It is a value and not an error: waiting is what a
// server does most of the time. Between GotHead and [Parser.NextRequest] the whole head stays readable in a [Request],
// whose tokens are ranges ([Span]) of the bytes as they arrived. Body bytes are handed through and forgotten.
//
// Which specification: RFC 9112 (HTTP/1.1 messages), with the parts of RFC 9110 (semantics) and RFC 3986 (URIs) that
// it refers to. Each function that reads a rule of the grammar stands under that rule.
//
// What is refused: everything that the grammar does not allow, because two parties that repair the same broken message
// in two ways can be played against each other (request smuggling). Nothing is ever repaired. The refusals go further
// than the RFC in places, and each place says "stricter than §… (MAY)": a line must end in CRLF, obs-fold is refused,
// Content-Length must come once, and chunked is the only transfer coding. A refusal is a [SyntaxError]; it names the
// rule, the section, the status to answer with, and the byte. There is no way on after it but to close the connection.
//
// The package does no I/O, starts no goroutine and knows no time: the server reads, waits and gives up.
//
// Where to start reading: the table of states in state.go, [Parser.Next] in parser.go, then request_line.go, and on in
// the order of a message: field_line.go, head.go, host.go, message_body.go, chunked.go.
package parser
