//go:build race

package server_test

// scale divides the numbers of the tests of abuse: the race detector makes everything ten times slower and larger.
const scale = 10
