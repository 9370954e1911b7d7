package command

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
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
	env     []string
	profile string // where --pprof listens
	events  []func(*soakServer)
	event   int   // the next of them; each server begins elsewhere
	workers int   // processes that it has, or each of its nodes
	nodes   nodes // none: the application runs with it
	crowd   int   // how many silent peers it may get at a time
	spare   int   // how much the soak lets a process open when it starves
	keeps   int   // goroutines for connections to come
}

// costs are what must not grow, in all processes; goroutines and memory are those of the server alone.
type costs struct{ descriptors, goroutines, memory, processes int }

// glass starts a process that ends with this one, however that ends.
func (s *soakServer) glass(args ...string) *running {
	c := exec.Command(os.Args[0], append(args, "--while-stdin")...)
	c.Env = s.env
	if _, err := c.StdinPipe(); err != nil {
		s.t.Fatal(err)
	}
	return serveCmd(s.t, c)
}

// all are the server and its nodes.
func (s *soakServer) all() []*running { return append([]*running{s.running}, s.nodes.all...) }

// hosts are those that have the workers.
func (s *soakServer) hosts() []*running {
	if len(s.nodes.all) > 0 {
		return s.nodes.all
	}
	return []*running{s.running}
}

// Memory that may be in use after thousands of connections: Go keeps the descriptors of goroutines that ended, maps do not
// shrink, and there are pools of buffers. What a connection has for itself would be ten times as much.
const soakKept = 16 << 20

// costs are those of now.
func (s *soakServer) costs() (c costs, err error) {
	for _, r := range s.all() {
		files, err := descriptors(r)
		if err != nil {
			return c, err
		}
		tree, err := process.CPU(r.Process.Pid)
		if err != nil {
			return c, err
		}
		c.descriptors += files
		c.processes += tree.Count
	}
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

// descriptors are those that a process has open.
func descriptors(r *running) (int, error) {
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.Process.Pid))
	return len(files), err
}

// processes are all that should be there.
func (s *soakServer) processes() int { return len(s.all()) + len(s.hosts())*s.workers }

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
		if now.processes == s.processes() && now.descriptors <= most.descriptors && now.goroutines <= most.goroutines && now.memory <= most.memory {
			return now
		}
	}
	s.t.Errorf("it has %+v, and may have %+v with %d processes", now, most, s.processes())
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
	s.events[s.event%len(s.events)](s)
	s.event++
}

func (s *soakServer) reload() { s.tell(syscall.SIGHUP) }
func (s *soakServer) more()   { s.tell(syscall.SIGTTIN) }
func (s *soakServer) fewer()  { s.tell(syscall.SIGTTOU) }

func (s *soakServer) tell(signal os.Signal) {
	for _, h := range s.hosts() {
		h.signal(signal)
	}
}

// kill ends a worker, whatever it is at. The harm is over when glass has noticed: the process is reaped, and another
// worker answers.
func (s *soakServer) kill() {
	if s.workers == 0 {
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

// starve leaves a process hardly a descriptor, while silent peers ask for more, until the server has answered some requests.
func (s *soakServer) starve() { s.starving(func() {}) }

func (s *soakServer) killWhileStarving() { s.starving(s.kill) }

func (s *soakServer) starving(do func()) {
	s.ledger.harm(func() {
		before, err := s.limit(oneOf(s.all()))
		if err != nil {
			s.t.Error(err)
			return
		}
		defer before()
		for range s.crowd {
			if conn, _ := s.dial(); conn != nil {
				defer conn.Close()
			}
		}
		do()
		s.someAnswers()
	})
	s.worker(-1) // it answers again
}

// limit lets a process open few more descriptors than it has, until before is called.
func (s *soakServer) limit(r *running) (before func(), err error) {
	now, err := descriptors(r)
	if err != nil {
		return nil, err
	}
	var usual unix.Rlimit
	if err := unix.Prlimit(r.Process.Pid, unix.RLIMIT_NOFILE, nil, &usual); err != nil {
		return nil, err
	}
	few := unix.Rlimit{Cur: uint64(now + s.spare), Max: usual.Max}
	if err := unix.Prlimit(r.Process.Pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		return nil, err
	}
	return func() { unix.Prlimit(r.Process.Pid, unix.RLIMIT_NOFILE, &usual, nil) }, nil
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
	for _, r := range s.all() {
		for _, sign := range []string{"panic", "frame protocol", "DATA RACE"} {
			if log := r.err.String(); strings.Contains(log, sign) {
				s.t.Errorf("the log has %q:\n%s", sign, log)
			}
		}
	}
}

// explain prints what the server has logged of requests that went wrong.
func (s *soakServer) explain() {
	for _, id := range wrongIDs.FindAllStringSubmatch(strings.Join(s.ledger.wrong, "\n"), -1) {
		for _, r := range s.all() {
			for line := range strings.Lines(r.err.String()) {
				if strings.Contains(line, "/"+id[1]+"/") {
					s.t.Log(line)
				}
			}
		}
	}
}

var wrongIDs = regexp.MustCompile(`(?m)^request (\d+) `)
