//go:build unix

package command

import (
	"os"
	"path/filepath"
	"testing"
)

// TestBenchInterrupted: Ctrl-C ends what was started, and the report has what was complete.
func TestBenchInterrupted(t *testing.T) {
	t.Parallel()
	temporary, folder := t.TempDir(), t.TempDir()
	c := command(t, "bench", "--servers", "glass native", "--workloads", "hello", "--rounds", "100", "--duration", "60",
		"--requests", "50", "--no-steps", "--out", folder)
	c.Env = append(c.Env, "TMPDIR="+temporary)
	out, errs := newOutput(), newOutput()
	c.Stdout, c.Stderr = out, errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	errs.await(t, `glass: 1 of 100`)
	c.Process.Signal(os.Interrupt)
	c.Wait()
	if code := c.ProcessState.ExitCode(); code != exitFailed {
		t.Errorf("exit %d\n%s", code, errs)
	}
	report := readReport(t, filepath.Join(folder, "report.json"))
	if n := len(report.Workloads[0].Measurements); report.Complete || n == 0 || n == 100 {
		t.Errorf("complete %v, %d measurements", report.Complete, n)
	}
	if left, _ := filepath.Glob(filepath.Join(temporary, "glass-bench-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
