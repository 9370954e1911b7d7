// Package client bounds what a client reads from a server that it does not trust: in goes a connection and its limits, in
// bytes and in time, out comes a connection whose Read ends with a *LimitError that says which limit was reached. Every
// client in glass reads through it: check, learn and its relay, compare, replay, bench.
//
// Start reading at Bound.
package client
