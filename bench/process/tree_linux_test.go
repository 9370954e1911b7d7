package process

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

const (
	beChild = "GLASS_TEST_BE_CHILD"
	burnt   = 200 * time.Millisecond
)

// TestMain: as a child the test binary burns CPU time, or has a child of its own do so, or both.
func TestMain(m *testing.M) {
	switch os.Getenv(beChild) {
	case "burn":
		burn()
	case "parent": // one that has ended and was waited for, and one that is still there
		run("burn").Wait()
		child := run("hold")
		os.Stdin.Read(make([]byte, 1))
		child.Process.Kill()
		child.Wait()
	case "hold":
		burn()
		fmt.Println("burnt")
		time.Sleep(time.Hour) // its parent ends it
	default:
		os.Exit(m.Run())
	}
}

func run(what string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), beChild+"="+what)
	c.Stdout, c.SysProcAttr = os.Stdout, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		panic(err)
	}
	return c
}

// burn uses CPU time, however long that takes.
func burn() {
	for {
		var usage syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
		if time.Duration(usage.Utime.Nano()+usage.Stime.Nano()) > burnt {
			return
		}
	}
}

// TestTree: the CPU time of a process counts what its child burns, and what one burnt that has ended.
func TestTree(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), beChild+"=parent")
	in, _ := parent.StdinPipe()
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	defer parent.Wait()
	defer in.Close()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	u, err := Tree(parent.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	// Two children burnt 200 ms each, and a tick of each is not counted yet. Nothing else of them is dear.
	if u.CPU < 2*burnt-40*time.Millisecond || u.CPU > 10*burnt {
		t.Errorf("%v of CPU, and it was %v", u.CPU, 2*burnt)
	}
	if u.Count != 2 || u.Root <= 0 || u.Largest <= 0 || u.Memory != u.Root+u.Largest || u.Traced != 0 {
		t.Errorf("%+v", u)
	}
	if less, err := CPU(parent.Process.Pid); err != nil || less.CPU < u.CPU || less.Memory != 0 {
		t.Errorf("%+v, %v", less, err)
	}
	parts, err := Split(parent.Process.Pid)
	if err != nil || parts.Others.All() < 2*burnt-40*time.Millisecond || parts.Others.User == 0 || parts.First.All() >= burnt {
		t.Errorf("%+v, %v", parts, err)
	}
	if _, err := Tree(1 << 30); err == nil {
		t.Error("a process that cannot be was measured")
	}
}

func TestParseStat(t *testing.T) {
	const rest = " S 7 1 1 0 -1 4194560 1 2 3 4 100 20 30 4 20 0 1 0 100 1000 100"
	s, err := parseStat([]byte("42 (a) b (c))" + rest))
	if err != nil || s.pid != 42 || s.parent != 7 || s.own != (Times{time.Second, 200 * time.Millisecond}) || s.ended != (Times{300 * time.Millisecond, 40 * time.Millisecond}) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, text := range []string{"", "42", "42 (a)", "x (a)" + rest, "42 (a) S x 1 1 0 0 0 1 1 1 1 1 1 1 1", "42 (a) S 7 1 1 0 0 0 1 1 1 1 x 1 1 1"} {
		if s, err := parseStat([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, s)
		}
	}
}
