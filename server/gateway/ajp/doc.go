// Package ajp decodes what a web server sends by AJP 1.3, the Apache JServ Protocol, and encodes what it answers: the
// page "AJP Protocol Reference - AJPv13" of the Apache Tomcat Connectors, with CPing and CPong of mod_jk.
//
// The web server's packets begin with 12 34 and a length, ours with "AB" and a length. A request is one packet, whose
// common words are codes, and content that we ask for piece by piece:
//
//	web server: Forward Request, and a Data packet where content-length is not 0
//	we:         Get Body Chunk                                   … as long as content is missing
//	web server: Data, or an empty one where there is no more
//	we:         Send Headers, Send Body Chunk …, End Response
//
// In come bytes of one connection, through [Decoder.Feed]. Out go events: a GotFrame for each header of a packet and each
// number, a GotVariable for each part of the request that has a value, GotHead, a GotReply wherever content has to be
// asked for, GotContent, and GotEnd.
//
// What is refused: packets of other kinds (no web server may ask for Shutdown), strings and numbers that do not fit their
// packet or have no NUL at their end, unknown codes, and content that is not as long as its content-length.
//
// Start reading at codes.go, then [Decoder.Next].
package ajp
