package tokentest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// EveryRuleIsBroken reads the source of the package in whose folder the test runs, and wants a row for each token.Rule
// that is declared there, but for those that are about the end of the input: "…: incomplete", and for others.
func EveryRuleIsBroken(t *testing.T, rows []Row, others ...string) {
	broken := map[string]bool{}
	for _, r := range rows {
		broken[strings.TrimPrefix(r.want(), "refused ")] = r.refused()
	}
	declared := 0
	for _, name := range declaredRules(t) {
		declared++
		if !broken[name] && !strings.HasSuffix(name, ": incomplete") && !slices.Contains(others, name) {
			t.Errorf("no row for %q", name)
		}
	}
	if declared == 0 {
		t.Error("no rules were found")
	}
}

func declaredRules(t *testing.T) (names []string) {
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
			if selector, ok := literal.Type.(*ast.SelectorExpr); ok && selector.Sel.Name == "Rule" {
				name, _ := strconv.Unquote(literal.Elts[0].(*ast.KeyValueExpr).Value.(*ast.BasicLit).Value)
				names = append(names, name)
			}
			return true
		})
	}
	return names
}
