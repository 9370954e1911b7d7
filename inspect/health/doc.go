// Package health is what a node tells of itself to whoever sends it requests: whether it lives, whether it is ready, and
// how busy it is. In go the access entries of a front and the numbers of a runtime; out come /livez, /readyz and /metrics,
// the last in Prometheus' text format, which VictoriaMetrics' library writes.
//
// Start reading at Node.
package health
