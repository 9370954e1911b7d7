// Package process tells what a server costs: the CPU time and the memory of a process and of all that it started. In
// goes a process id, out comes a Usage. It reads /proc, so it knows nothing outside Linux.
//
// Start reading at Tree.
package process
