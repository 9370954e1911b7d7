//go:build linux

package cpython_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"glasswsgi/runtime/cpython"
)

// A worker is replaced although no descriptor is left: with those in reserve, and then with those that the server gives
// up. The test runs itself, because the limit is that of a process.
func TestNoDescriptorIsLeft(t *testing.T) {
	helper := exec.Command(os.Args[0], "-test.run=TestHelperWithoutDescriptors", "-test.v")
	helper.Env = append(os.Environ(), "CPYTHON_TEST_HELPER=1")
	out, err := helper.CombinedOutput()
	if err != nil || strings.Count(string(out), "replaced") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestHelperWithoutDescriptors(t *testing.T) {
	if os.Getenv("CPYTHON_TEST_HELPER") == "" {
		t.Skip("only for TestNoDescriptorIsLeft")
	}
	var mu sync.Mutex
	var taken []*os.File
	take := func() {
		mu.Lock()
		defer mu.Unlock()
		for {
			file, err := os.Open(os.DevNull)
			if err != nil {
				return
			}
			taken = append(taken, file)
		}
	}
	mayGiveUp := false
	pool := start(t, "behave.py", func(c *cpython.Config) {
		c.NoDescriptor = func() bool {
			mu.Lock()
			defer mu.Unlock()
			if !mayGiveUp || len(taken) == 0 {
				return false
			}
			taken[0].Close()
			taken = taken[1:]
			return true
		}
	})
	get(t, pool, "/hello")
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 128, Max: 128}); err != nil {
		t.Fatal(err)
	}
	replaced := func() {
		take()
		before := pool.PIDs()
		call(pool, request{target: "/hard_exit"})
		take() // what the dead worker had
		if after := get(t, pool, "/pid"); after != fmt.Sprint(before[0]) {
			fmt.Println("replaced")
		}
	}
	replaced()
	take() // what was in reserve, and could not be put back
	mu.Lock()
	mayGiveUp = true
	mu.Unlock()
	pool.ForgetReserve()
	take()
	replaced()
}
