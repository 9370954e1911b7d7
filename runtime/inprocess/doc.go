// Package inprocess runs Python in this very process: it loads CPython's shared library (libpython) with dlopen, and is
// the cpython.Host of a pool, whose workers are threads then. In goes what a worker of package cpython gets, its source,
// its settings and frames; out come frames. They pass through memory, without a call between the two languages where they
// are short. While Python has nothing to do, its thread runs the server's event loop, if there is one: see cpython.Guest.
//
// What a process of its own gives is missing: if the application crashes or calls os._exit, this process ends; nothing is
// loaded anew; a call that never lets go of the interpreter stops all others, and Config.Stuck is told.
//
// It is there on Linux, on amd64 and arm64, and not in a program that is built with the tag static, which package purego
// would link to the system's libc. Start reading at Python.Start, then at line and inbox, which are the channel.
package inprocess
