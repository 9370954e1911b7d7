package command

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asProcess1 makes a command process 1 of a PID namespace of its own, which ends with it.
func asProcess1(t *testing.T, c *exec.Cmd) *exec.Cmd {
	t.Helper()
	unshare := []string{"unshare", "--pid", "--fork", "--mount-proc", "--kill-child"}
	if out, err := exec.Command(unshare[0], append(unshare[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("no PID namespaces for this user: %v: %s", err, out)
	}
	c.Args = append(append(unshare, c.Path), c.Args[1:]...)
	var err error
	if c.Path, err = exec.LookPath("unshare"); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestProcess1: as process 1 glass waits for the orphans of the application, and stops by its signals with its exit code.
func TestProcess1(t *testing.T) {
	dir := t.TempDir()
	pid, address := filepath.Join(dir, "pid"), filepath.Join(dir, "s")
	app := write(t, dir, "orphans.py", `import os
def orphan():
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writing, b'%d' % os.getpid())
        os._exit(0)
    os.wait()
    return os.read(reading, 20)
def application(environ, start_response):
    start_response('200 OK', [])
    if environ['PATH_INFO'] == '/orphan':
        return [orphan()]
    return [repr((os.getppid() != 1, os.path.exists('/proc/' + environ['QUERY_STRING']))).encode()]
`)
	c := asProcess1(t, command(t, "-b", "unix:"+address, "-b", "127.0.0.1:0", "--pid", pid, app))
	s := serveCmd(t, c)
	awaitFile(t, pid, "\n")
	ask := over(address)
	for range 3 {
		orphan := ask(t, "/orphan")
		answer := ""
		for end := time.Now().Add(deadline); time.Now().Before(end) && answer != "(True, False)"; {
			answer = ask(t, "/?"+url.QueryEscape(orphan))
		}
		if answer != "(True, False)" {
			t.Errorf("orphan %s is still there: %s", orphan, answer)
		}
	}
	init := childOf(t, c.Process.Pid)
	if err := syscall.Kill(init, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.awaitEnd(t)
	contains(t, s.err.String(), "stopping")

	got := finish(t, asProcess1(t, command(t, "-b", "127.0.0.1:0", "no_such_module")), "")
	if got.code != exitFailed || !strings.Contains(got.err, "there is no module no_such_module") {
		t.Errorf("%+v", got)
	}
}

// childOf is the only child of a process.
func childOf(t *testing.T, parent int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", parent, parent))
	pid, notOne := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || notOne != nil {
		t.Fatalf("the children of process %d: %q, %v", parent, text, err)
	}
	return pid
}
