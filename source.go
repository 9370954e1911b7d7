package main

import "embed"

// goSource is the source of the packages that a request goes through, for whoever steps through one.
//
//go:embed parser/*.go runtime/wsgi/*.go server/*.go
var goSource embed.FS
