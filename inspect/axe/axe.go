// Package axe holds pages to the rules of WCAG, in tests: axe-core knows the rules, and runs in the page. In goes what a
// browser answers to Script after it has run Source; out come the violations that shut somebody out.
package axe

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"glasswsgi/check/suite"
)

// Source is axe-core, which .ci/packages installs from npm.
func Source(t testing.TB) string {
	t.Helper()
	suite.NeedsMore(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(cache, "glass-ci", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("%v: .ci/packages installs it", err)
	}
	return string(source)
}

// Script is an expression whose promise is what axe finds, as JSON. What is in frames has tests of its own.
const Script = `axe.run({exclude: ["iframe"]}, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`

// A violation of a rule, as axe tells of it.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// Serious are the violations that are serious or worse, a text for each element.
func Serious(found string) (all []string, err error) {
	var violations []violation
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		return nil, err
	}
	for _, v := range violations {
		if v.Impact != "serious" && v.Impact != "critical" {
			continue
		}
		for _, node := range v.Nodes {
			all = append(all, fmt.Sprintf("%s (%s): %.200s\n%s", v.Help, v.ID, node.HTML, node.FailureSummary))
		}
	}
	return all, nil
}
