package command

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"time"

	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/cpython/embedded"
)

// pdbCommand is `glass pdb`: Python's own debugger, attached to a worker from outside (PEP 768). It needs no flag of the
// server's; Python has to be 3.14 or newer.
type pdbCommand struct {
	PID int `arg:"" optional:"" help:"A worker, or the glass that it belongs to; may be left out where there is only one worker."`
}

// The worker is made to run some Python so often, and for so long, which is when pdb should have got in. See Pool.Nudge.
const (
	nudgeEvery = 200 * time.Millisecond
	nudgeTimes = 300
)

// Run runs pdb until its user leaves it.
func (c *pdbCommand) Run() error {
	w, err := findWorker(c.PID)
	if err != nil {
		return err
	}
	python, err := os.Readlink(filepath.Join(w.folder(), "exe"))
	if err != nil {
		return fmt.Errorf("cannot see which Python worker %d runs: %w. Run glass pdb as the same user, or as root", w.pid, err)
	}
	var complaint bytes.Buffer
	command := exec.Command(python, "-m", "pdb", "-p", strconv.Itoa(w.pid))
	command.Env = os.Environ()
	if interpreter, err := embedded.Unpack(io.Discard); err == nil && strings.HasPrefix(python, filepath.Dir(interpreter.Path)) {
		command.Env = interpreter.Environ()
	}
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, io.MultiWriter(os.Stderr, &complaint)
	fmt.Fprintf(os.Stderr, "attaching to worker %d. A request that you stop for longer than --timeout fails, and its worker is replaced;\n"+
		"to stop as long as you like, use glass step or glass serve --step.\n"+
		"Between requests it stands in glass's own code: b /path/to/app.py:7 stops in yours, c goes on, and then send a request.\n", w.pid)
	dieWithUs(command)
	goruntime.LockOSThread() // the system counts the thread that starts a child as its parent
	defer goruntime.UnlockOSThread()
	if err := command.Start(); err != nil {
		return err
	}
	if isTerminal(os.Stdin) {
		go func() {
			awaitHangUp(os.Stdin)
			command.Process.Kill()
		}()
	}
	stop := w.nudge()
	err = command.Wait()
	stop()
	if advice := pdbAdvice(complaint.String(), w.pid); advice != "" {
		return errors.New(advice)
	}
	return err
}

// workerProcess is a worker and the glass that it belongs to.
type workerProcess struct{ pid, parent int }

func (w workerProcess) folder() string { return fmt.Sprintf("/proc/%d", w.pid) }

// findWorker finds the worker that is meant.
func findWorker(pid int) (workerProcess, error) {
	all, err := workerProcesses()
	if err != nil {
		return workerProcess{}, err
	}
	var found []workerProcess
	for _, w := range all {
		if pid == 0 || w.pid == pid || w.parent == pid {
			found = append(found, w)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0 && pid != 0:
		return workerProcess{}, fmt.Errorf("%d is neither a worker of glass nor a glass with workers; glass pdb alone finds them", pid)
	case len(found) == 0:
		return workerProcess{}, errors.New("no glass serves a Python application here that this user may look into")
	}
	text := "there are several workers: say which"
	for _, w := range found {
		text += fmt.Sprintf("\n  glass pdb %d    (of glass %d)", w.pid, w.parent)
	}
	return workerProcess{}, errors.New(text)
}

// workerProcesses are all workers on this machine, by what the kernel tells of processes.
//
// Simplified: `glass pdb` finds workers by /proc, so it is for Linux.
func workerProcesses() (all []workerProcess, err error) {
	entries, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(entries) == 0 {
		return nil, errors.New("glass pdb needs /proc, which only Linux has; elsewhere: python3.14 -m pdb -p PID, and a request to wake the worker")
	}
	for _, entry := range entries {
		line, err := os.ReadFile(entry)
		if err != nil || !bytes.HasPrefix(line, []byte(cpython.WorkerTitle)) {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(entry), "status"))
		if err != nil {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(entry)))
		_, after, _ := strings.Cut(string(status), "\nPPid:\t")
		parent, _ := strconv.Atoi(firstLine(after))
		all = append(all, workerProcess{pid, parent})
	}
	return all, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// nudge makes the worker run Python again and again, until stop.
func (w workerProcess) nudge() (stop func()) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(nudgeEvery)
		defer ticker.Stop()
		parent, err := os.FindProcess(w.parent)
		for i := 0; err == nil && i < nudgeTimes; i++ {
			select {
			case <-ticker.C:
				if nudgeSignal == nil || parent.Signal(nudgeSignal) != nil {
					return
				}
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// pdbAdvice says what to do about what pdb complained of; "" where nothing is known to help.
func pdbAdvice(complaint string, pid int) string {
	switch {
	case strings.Contains(complaint, "PermissionError"), strings.Contains(complaint, "ermission denied"), strings.Contains(complaint, "not permitted"):
		text := "the system does not let this process look into worker " + strconv.Itoa(pid) + ". "
		if scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope"); err == nil && strings.TrimSpace(string(scope)) != "0" {
			text += "It lets only a parent do that (kernel.yama.ptrace_scope is " + strings.TrimSpace(string(scope)) + "). "
		}
		return text + "Either run it as root (sudo glass pdb " + strconv.Itoa(pid) + "), or use what needs no such right: glass serve --step"
	case strings.Contains(complaint, "unrecognized arguments"), strings.Contains(complaint, "no such option"), strings.Contains(complaint, "option -p not"):
		return "the Python of this worker is too old: attaching pdb needs 3.14 (PEP 768). glass step and glass serve --step work with any"
	case strings.Contains(complaint, "emote debugging is not enabled"):
		return "remote debugging is switched off in the worker's Python: start glass without PYTHON_DISABLE_REMOTE_DEBUG"
	}
	return ""
}
