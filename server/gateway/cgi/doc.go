// Package cgi is the Common Gateway Interface 1.1, RFC 3875, without its processes: it decodes the environment that a web
// server starts a script with, and the content on its standard input, and encodes the head of a script's response. SCGI
// and FastCGI have that head from it.
//
// In come the environment, all at once, and bytes of the standard input, through Feed. Out go the events of package
// token: a GotVariable for each meta-variable, GotHead, GotContent, GotEnd. A variable of the environment has no bytes
// that could be counted, so its Span is empty.
package cgi
