package inprocess

import (
	"glasswsgi/runtime/cpython"
)

// Config says which Python to load.
type Config struct {
	Interpreter cpython.Interpreter
	// Stuck is called when a call keeps the interpreter for itself and will not let go of it: nothing can go on.
	Stuck func()
}
