// Package peer starts servers as child processes, waits until they accept connections, and ends them with all that they
// started. In goes a command, out comes a running server and the end of what it printed. `glass check` and `glass bench`
// start every server with it, glass included.
//
// Start reading at Start.
package peer
