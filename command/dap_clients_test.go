package command

import (
	"os"
	"path/filepath"
	system "runtime"
	"strings"
	"testing"

	"glasswsgi/check/suite"
)

// TestDAPTestsupport: the client that VS Code's adapters are tested with, and that we have not written, gets along with
// both ways in. .ci/packages installs it.
func TestDAPTestsupport(t *testing.T) {
	t.Parallel()
	if system.GOOS == "windows" {
		t.Skip("the test runs a program by its link")
	}
	node, modules := suite.Program(t, "node"), testsupport(t)
	if modules == "" {
		t.Fatal("@vscode/debugadapter-testsupport is missing: .ci/packages installs it")
	}
	app := write(t, t.TempDir(), "app.py", debuggedApp)
	s := serve(t, "--dap=127.0.0.1:0", app)
	attach := s.err.await(t, `editors may attach.*\n`)
	_, address, _ := strings.Cut(strings.TrimSpace(attach), "address=")
	_, port, _ := strings.Cut(address, ":")
	c := command(t)
	c.Path, c.Args = node, []string{node, "inspect/dap/testdata/testsupport.js", os.Args[0], app, port, s.url}
	c.Env = append(c.Env, "NODE_PATH="+modules)
	if got := finish(t, c, ""); got.code != 0 || got.out != "well\n" {
		t.Errorf("exit %d\n%s\n%s\nglass: %s", got.code, got.out, got.err, s.err)
	}
}

// testsupport is the folder of Node's modules into which .ci/packages installs; "" where it has not.
func testsupport(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	modules := filepath.Join(cache, "glass-ci", "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "@vscode", "debugadapter-testsupport", "package.json")); err != nil {
		return ""
	}
	return modules
}
