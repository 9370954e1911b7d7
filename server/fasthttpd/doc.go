// Package fasthttpd puts github.com/valyala/fasthttp, a production HTTP engine, in the place of the code that glass
// exists to show: fasthttp accepts, receives, parses, and writes the response. In comes what package server gets, a
// Config and listeners; the environ, the rules of PEP 3333, the application and what it is told are the same. So the two
// can be compared. It makes no Steps: what happens to the bytes is fasthttp's own affair.
//
// docs/FASTHTTP.md lists how the answers differ. Start reading at exchange.go.
package fasthttpd
