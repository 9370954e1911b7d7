package command

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"glasswsgi/check/suite"

	"golang.org/x/sys/unix"
)

// TestPdb: Python's own debugger gets into a worker that waits for a request, and leaves it as it was.
func TestPdb(t *testing.T) {
	t.Parallel()
	r := serve(t, "command/testdata/step/shout.py")
	if _, body := get(t, r.url+"/bob"); body != "Hello, BOB" {
		t.Fatalf("the body is %q", body)
	}
	got := glass(t, "p 6*7\nq\n", "pdb", strconv.Itoa(r.Process.Pid))
	if strings.Contains(got.err, "does not let this process look into") {
		t.Skip(got.err)
	}
	if got.code != 0 || !strings.Contains(got.out, "42") {
		t.Errorf("exit %d, %s\n%s", got.code, got.out, got.err)
	}
	if _, body := get(t, r.url+"/bob"); body != "Hello, BOB" {
		t.Errorf("afterwards the body is %q", body)
	}
}

// TestPdbLosesItsTerminal: when the terminal is gone, pdb and its Python end.
func TestPdbLosesItsTerminal(t *testing.T) {
	t.Parallel()
	r := serve(t, "command/testdata/step/shout.py")
	terminal, ours := openTerminal(t)
	c := command(t, "pdb", strconv.Itoa(r.Process.Pid))
	c.Stdin, c.Stdout, c.Stderr = terminal, terminal, terminal
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it is not the terminal of its session: no SIGHUP comes
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	said := newOutput()
	go io.Copy(said, ours)
	said.await(t, `\(Pdb\)|does not let this process look into`)
	ours.Close()
	c.Wait() // with the deadline of command; what it says goes nowhere
	if c.ProcessState.String() == "signal: killed" {
		t.Error("glass pdb does not end")
	}
	if _, body := get(t, r.url+"/bob"); body != "Hello, BOB" {
		t.Errorf("afterwards the body is %q", body)
	}
}

// openTerminal makes a pseudo-terminal, and returns its two sides.
func openTerminal(t *testing.T) (terminal, ours *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	raw, err := ours.SyscallConn() // Fd would make it blocking, and a Close would wait for the Read
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return terminal, ours
}

// TestPdbAdvice: what cannot be debugged this way says what can be done.
func TestPdbAdvice(t *testing.T) {
	t.Parallel()
	other := command(t, "environ") // it waits for a request; the process of the tests has glasses with workers
	in, err := other.StdinPipe()
	if err == nil {
		err = other.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); other.Wait() }()
	got := glass(t, "", "pdb", strconv.Itoa(other.Process.Pid))
	contains(t, got.err, "is neither a worker of glass nor a glass with workers")
	contains(t, pdbAdvice("PermissionError: [Errno 1] Operation not permitted", 7), "sudo glass pdb 7")
	old := suite.Program(t, "/usr/bin/python3")
	if version, _ := exec.Command(old, "-c", "import sys; print(sys.version_info >= (3, 14))").Output(); strings.TrimSpace(string(version)) == "True" {
		t.Skip(old + " is new enough")
	}
	r := serve(t, "--python", old, "command/testdata/step/shout.py")
	got = glass(t, "", "pdb", strconv.Itoa(r.Process.Pid))
	contains(t, got.err, "too old")
}
