package cpython

import (
	"os"
	"time"
)

// kill ends the worker and the processes that it started at once. The reader notices and buries it.
func (w *worker) kill(reason string) {
	w.mu.Lock()
	if w.reason == "" {
		w.reason = reason
	}
	isDead := w.state == dead
	w.mu.Unlock()
	if !isDead {
		killGroup(w.command.Process)
	}
}

// bury reaps the process, fails the calls that it had in hand, and tells the pool.
func (w *worker) bury(protocol error) {
	if protocol != nil {
		w.kill("broke the frame protocol: " + protocol.Error())
	}
	w.reap()
	w.takeLeft()
	w.channel.Close()
	w.lifeline.Close()
	w.mu.Lock()
	wasReady, needsHeir := w.state == ready, w.state == ready && !w.heir
	w.state = dead
	reason := w.reason
	if reason == "" {
		reason = describeExit(w.command.ProcessState)
	}
	calls := w.calls
	w.calls = map[uint32]*call{}
	w.mu.Unlock()
	w.outbox.close()
	err := &WorkerError{Reason: reason, PID: w.command.Process.Pid}
	for _, c := range calls {
		c.over.Store(true)
		if notStarted(c, calls) {
			c.release() // before it knows: it is about to begin anew
			c.fail(errNotStarted)
			continue
		}
		c.fail(err)
		c.release()
	}
	select {
	case w.loaded <- err:
	default:
	}
	w.pool.buried(w, err, wasReady, needsHeir)
	w.sweep()
	close(w.gone)
}

// reap ends the worker's process group and waits for the worker. It may still be running: it can close the channel by
// mistake.
func (w *worker) reap() {
	terminateGroup(w.command.Process)
	killer := time.AfterFunc(groupGrace, func() { killGroup(w.command.Process) })
	defer killer.Stop()
	w.command.Wait()
}

// sweep waits for what the application started, which lives on without the worker, and kills what does not end.
func (w *worker) sweep() {
	for deadline := time.Now().Add(groupGrace); groupExists(w.command.Process); time.Sleep(groupPoll) {
		if time.Now().After(deadline) {
			killGroup(w.command.Process)
			return
		}
	}
}

// stop takes one step after the other, each stronger than the one before, until the worker is gone.
func (w *worker) stop(steps ...func(*os.Process)) {
	for _, step := range steps {
		step(w.command.Process)
		select {
		case <-w.gone:
			return
		case <-time.After(exitGrace):
		}
	}
	<-w.gone
}

// quit asks the worker to end, which runs its atexit handlers.
func (w *worker) quit(*os.Process) {
	w.channel.SetWriteDeadline(time.Now().Add(exitGrace))
	w.send(appendHeader(nil, 0, 0, kindQuit))
}

// dismiss makes the worker take no more calls. It may be dismissed already.
func (w *worker) dismiss() {
	w.mu.Lock()
	wasReady := w.state == ready
	if wasReady {
		w.state = retiring
		w.tellIdle()
	}
	w.mu.Unlock()
	if wasReady {
		w.pool.dismissed()
	}
}

// retire lets the worker finish its calls, until done, and ends it.
func (w *worker) retire(done <-chan struct{}) {
	w.dismiss()
	select {
	case <-w.idle:
		w.stop(w.quit, terminateGroup, killGroup)
	case <-done:
		w.stop(terminateGroup, killGroup)
	case <-w.gone:
	}
}
