// Command glass serves WSGI applications, and shows every step of each request. docs/ARCHITECTURE.md follows one request
// through the packages; package command has a file for each thing that can be typed after "glass".
package main

import (
	"embed"
	"os"

	"glasswsgi/command"
)

// source is what the binary knows of its own source: the packages on a request's path, for the debugger, the applications
// that the course shows, and the documents. An embedded file must lie below the package that embeds it.
//
//go:embed parser/*.go runtime/wsgi/*.go server/*.go server/front/*.go server/gateway/*.go server/gateway/*/*.go examples/hello.py examples/stream.py examples/gil.py examples/zombie.py examples/middleware_gzip.py
//go:embed README*.md docs/*.md examples/README.md tutorial/README.md
var source embed.FS

func main() {
	os.Exit(command.Run(os.Args[1:], source))
}
