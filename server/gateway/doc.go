// Package gateway is the front of glass that web servers speak to: nginx, Apache, lighttpd. In place of HTTP it speaks
// FastCGI, SCGI, the uwsgi protocol or AJP, on TCP and Unix sockets, or CGI on the streams of a process. What the request
// is about comes in variables, which become the environ by the same rules as over HTTP; what the application says goes
// back in the protocol's own frames.
//
// Start reading at Protocol, then at exchange.go: exchange.serve is the life of one request. The bytes of each protocol
// are the business of a package below this one; fastcgi.go, scgi.go, ajp.go and cgi.go put it to use.
package gateway
