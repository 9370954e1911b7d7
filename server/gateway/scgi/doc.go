// Package scgi decodes what a web server sends to an SCGI application: SCGI, a Simple Common Gateway Interface
// alternative, of 23 June 2008. The answer is that of CGI: see package cgi.
//
// A request is a netstring of headers, and the content (SCGI §3, §4):
//
//	"70:" "CONTENT_LENGTH" NUL "27" NUL "SCGI" NUL "1" NUL … "," content
//
// In come bytes of one connection, through [Decoder.Feed]. Out go events: a GotFrame for the length of the netstring and
// for the comma at its end, a GotVariable for each header, GotHead, GotContent as the content comes, and GotEnd. A
// connection has one request; the end of the response is the end of the connection.
//
// What is refused: headers without an end, names without a byte, a CONTENT_LENGTH that is not the first header or not a
// number, a second one, and a request that does not say "SCGI" "1". Looser than §3 ("Duplicate names are not allowed"):
// other names may come twice, because nginx before 1.23 sends the variable of a repeated field once for each line.
package scgi
