package command

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
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
	old, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		t.Skip("no other Python here")
	}
	if version, _ := exec.Command(old, "-c", "import sys; print(sys.version_info >= (3, 14))").Output(); strings.TrimSpace(string(version)) == "True" {
		t.Skip(old + " is new enough")
	}
	r := serve(t, "--python", old, "command/testdata/step/shout.py")
	got = glass(t, "", "pdb", strconv.Itoa(r.Process.Pid))
	contains(t, got.err, "too old")
}
