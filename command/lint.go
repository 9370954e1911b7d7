package command

import (
	"fmt"
	"strings"
)

// summary counts broken rules in the order in which they were found: "lint: 3 found: 2 × RULE, 1 × RULE".
func summary(broken []string) string {
	if len(broken) == 0 {
		return "lint: no findings"
	}
	var parts []string
	count := map[string]int{}
	for _, rule := range broken {
		if count[rule]++; count[rule] == 1 {
			parts = append(parts, rule)
		}
	}
	for i, rule := range parts {
		parts[i] = fmt.Sprintf("%d × %s", count[rule], rule)
	}
	return fmt.Sprintf("lint: %d found: %s", len(broken), strings.Join(parts, ", "))
}

// tellFindings is the last line of --lint.
func (s *service) tellFindings() {
	switch broken := broken(s.runtime()); {
	case len(broken) > 0:
		s.log.Warn(summary(broken))
	case s.flags.Lint:
		s.log.Info(summary(broken))
	}
}
