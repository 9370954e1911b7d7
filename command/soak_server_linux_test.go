package command

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"glasswsgi/bench/process"
)

// soakServer is one glass under soak: a model, and a runtime.
type soakServer struct {
	*running
	soakClient
	t       *testing.T
	profile string // where --pprof listens
	event   int    // the next of soakEvents; each server begins elsewhere
	others  int    // processes besides its own; 0: it has no workers
	crowd   int    // how many silent peers it may get at a time
	spare   int    // how much the soak lets it open when it starves
	keeps   int    // goroutines for connections to come
}

// costs are what must not grow.
type costs struct{ descriptors, goroutines, memory, processes int }

// Memory that may be in use after thousands of connections: Go keeps the descriptors of goroutines that ended, maps do not
// shrink, and there are pools of buffers. What a connection has for itself would be ten times as much.
const soakKept = 16 << 20

// costs are those of now.
func (s *soakServer) costs() (c costs, err error) {
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.Process.Pid))
	if err != nil {
		return c, err
	}
	tree, err := process.CPU(s.Process.Pid)
	if err != nil {
		return c, err
	}
	c.descriptors, c.processes = len(files), tree.Count
	if c.goroutines, err = s.figure("goroutine?debug=1", `goroutine profile: total (\d+)`); err != nil {
		return c, err
	}
	for _, what := range []string{"HeapInuse = ", "Stack = "} {
		n, err := s.figure("heap?gc=1&debug=1", what+`(\d+)`)
		if err != nil {
			return c, err
		}
		c.memory += n
	}
	return c, nil
}

// soakProfiles keeps no connection, which would be one that the server has.
var soakProfiles = http.Client{Timeout: deadline, Transport: &http.Transport{DisableKeepAlives: true}}

// figure is one number of a profile.
func (s *soakServer) figure(profile, pattern string) (int, error) {
	response, err := soakProfiles.Get(s.profile + profile)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		return 0, errors.New("no " + pattern + " in the profile")
	}
	return strconv.Atoi(string(found[1]))
}

// settled waits until all processes are there, and no others, and until nothing costs more than it may.
func (s *soakServer) settled(most costs) (now costs) {
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var err error
		if now, err = s.costs(); err != nil {
			s.t.Fatal(err)
		}
		if now.processes == 1+s.others && now.descriptors <= most.descriptors && now.goroutines <= most.goroutines && now.memory <= most.memory {
			return now
		}
	}
	s.t.Errorf("it has %+v, and may have %+v with %d processes", now, most, 1+s.others)
	return now
}

// anyCosts is for a server that has just begun.
var anyCosts = costs{descriptors: math.MaxInt, goroutines: math.MaxInt, memory: math.MaxInt}

// soakEvents are what befalls a server, one after the other.
var soakEvents = []func(*soakServer){
	(*soakServer).kill, (*soakServer).reload, (*soakServer).starve, (*soakServer).more, (*soakServer).killWhileReloading,
	(*soakServer).fewer, (*soakServer).killWhileStarving,
}

// befall does the next of soakEvents.
func (s *soakServer) befall() {
	soakEvents[s.event%len(soakEvents)](s)
	s.event++
}

func (s *soakServer) reload() { s.Process.Signal(syscall.SIGHUP) }
func (s *soakServer) more()   { s.Process.Signal(syscall.SIGTTIN) }
func (s *soakServer) fewer()  { s.Process.Signal(syscall.SIGTTOU) }

// kill ends a worker, whatever it is at. The harm is over when glass has noticed: the process is reaped, and another
// worker answers.
func (s *soakServer) kill() {
	if s.others == 0 {
		return
	}
	s.ledger.harm(func() {
		pid := s.worker(0)
		if pid == 0 || syscall.Kill(pid, syscall.SIGKILL) != nil {
			return
		}
		for end := time.Now().Add(deadline); syscall.Kill(pid, 0) == nil; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				s.ledger.note("worker %d was killed, and is not reaped", pid)
				return
			}
		}
		s.worker(pid)
	})
}

func (s *soakServer) killWhileReloading() {
	s.reload()
	s.kill()
}

// starve leaves the server hardly a descriptor, while silent peers ask for more, until it has answered some requests.
func (s *soakServer) starve() { s.starving(func() {}) }

func (s *soakServer) killWhileStarving() { s.starving(s.kill) }

func (s *soakServer) starving(do func()) {
	s.ledger.harm(func() {
		var before unix.Rlimit
		if err := unix.Prlimit(s.Process.Pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
			s.t.Error(err)
			return
		}
		now, err := s.costs()
		if err != nil {
			s.t.Error(err)
			return
		}
		few := unix.Rlimit{Cur: uint64(now.descriptors + s.spare), Max: before.Max}
		if err := unix.Prlimit(s.Process.Pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
			s.t.Error(err)
			return
		}
		for range s.crowd {
			if conn, _ := s.dial(); conn != nil {
				defer conn.Close()
			}
		}
		do()
		s.someAnswers()
		unix.Prlimit(s.Process.Pid, unix.RLIMIT_NOFILE, &before, nil)
	})
	s.worker(-1) // it answers again
}

// someAnswers waits a little for answers; a server that is starved owes none.
func (s *soakServer) someAnswers() {
	enough := s.ledger.count(answered) + 20
	for end := time.Now().Add(time.Second); s.ledger.count(answered) < enough && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
}

// quiet says that nothing in the log is a failure of glass itself.
func (s *soakServer) quiet() {
	for _, sign := range []string{"panic", "frame protocol", "DATA RACE"} {
		if log := s.err.String(); strings.Contains(log, sign) {
			s.t.Errorf("the log has %q:\n%s", sign, log)
		}
	}
}
