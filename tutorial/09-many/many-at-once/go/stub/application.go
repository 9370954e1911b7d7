// The application side of PEP 3333, in Go. In glass: runtime/wsgi/application.go
package main

type (
	application   func(e environ, start startResponse) iterable
	startResponse func(status string, headers fields, excInfo error) write
	write         func(block []byte)
)

// iterable is what an application returns: each passes its blocks on, one after another. The size in bytes is known where
// Python would have a list with one block; it is -1 where Python would have a generator.
type iterable struct {
	size int
	each func(yield func(block []byte))
}
