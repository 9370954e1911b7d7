//go:build linux

package loop

// Visit is visit.
func (l *Loop) Visit(until func() bool) bool { return l.visit(until) }
