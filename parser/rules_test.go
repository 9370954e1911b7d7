package parser

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestEveryRuleIsBroken reads our own source and wants a row in the tables for each rule that is declared, with the
// status that is declared, and a reference that looks like one.
func TestEveryRuleIsBroken(t *testing.T) {
	broken := map[string]bool{}
	for _, b := range tables {
		for _, r := range b.rows {
			if r.refused() {
				broken[r.want] = true
			}
		}
	}
	spec := regexp.MustCompile(`^RFC \d{4} §[\d.]+$`)
	declared := 0
	for _, r := range declaredRules(t) {
		declared++
		if !spec.MatchString(r.spec) {
			t.Errorf("%s: odd reference %q", r.name, r.spec)
		}
		if want := strconv.Itoa(r.status) + " " + r.name; !broken[want] && !strings.HasSuffix(r.name, ": incomplete") {
			t.Errorf("no row for %q", want)
		}
	}
	if declared < 50 {
		t.Errorf("only %d rules were found", declared)
	}
}

func declaredRules(t *testing.T) (rules []rule) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(source, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			if name, ok := literal.Type.(*ast.Ident); ok && name.Name == "rule" && len(literal.Elts) == 3 {
				text := func(i int) string { return literal.Elts[i].(*ast.BasicLit).Value }
				ruleName, _ := strconv.Unquote(text(0))
				spec, _ := strconv.Unquote(text(1))
				status, _ := strconv.Atoi(text(2))
				rules = append(rules, rule{ruleName, spec, status})
			}
			return true
		})
	}
	return rules
}
