package cpython

import (
	"log/slog"
	"os"
	"time"
)

// kill ends the worker and the processes that it started at once. The reader notices and buries it.
func (w *worker) kill(reason string) {
	w.mu.Lock()
	w.because(reason)
	isDead := w.state == dead
	w.mu.Unlock()
	switch {
	case isDead:
	case w.isHosted: // its thread goes on, and nothing of it is heard any more
		w.channel.Close()
	default:
		killGroup(w.process)
	}
}

// because notes why the worker ends; the first reason counts. The caller holds mu.
func (w *worker) because(reason string) {
	if w.reason == "" {
		w.reason = reason
	}
}

// bury reaps the process, fails the calls that it had in hand, and tells the pool.
func (w *worker) bury(protocol error) {
	if protocol != nil {
		w.kill("broke the frame protocol: " + protocol.Error())
	}
	w.mu.Lock()
	wasReady := w.state == ready
	if wasReady {
		w.state = retiring // no other call begins while we wait for the process
	}
	w.mu.Unlock()
	ended := w.reap()
	w.takeLeft()
	w.channel.Close()
	w.lifeline.Close()
	w.mu.Lock()
	w.state = dead
	reason := w.reason
	if reason == "" {
		reason = ended
	}
	calls := w.calls
	w.calls = map[uint32]*call{}
	w.mu.Unlock()
	w.outbox.close()
	err := &WorkerError{Reason: reason, Worker: w.number, PID: w.process.Pid}
	isTold := false // a call that fails is logged by who made it
	for _, c := range calls {
		c.over.Store(true)
		isTold = isTold || !c.isAbandoned()
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
	w.pool.buried(w, err, wasReady, isTold)
	switch {
	case w.isHosted:
	case w.sparing.Load():
		w.pool.leaveBehind(w)
	default:
		sweep(w.process)
	}
	close(w.gone)
	w.pool.released(w.loader)
}

// reap waits for the worker, and ends what the application started, unless that may go on. The worker may still be
// running: it can close the channel by mistake.
func (w *worker) reap() (ended string) {
	if w.isHosted {
		return w.wait()
	}
	terminate, kill := terminateGroup, killGroup
	if w.sparing.Load() {
		terminate, kill = terminateOne, killOne
	}
	terminate(w.process)
	killer := time.AfterFunc(groupGrace, func() { kill(w.process) })
	defer killer.Stop()
	return w.wait()
}

// sweep waits for the processes that the application started, which got SIGTERM, and kills what does not end.
func sweep(group *os.Process) {
	for deadline := time.Now().Add(groupGrace); groupExists(group); time.Sleep(groupPoll) {
		if time.Now().After(deadline) {
			killGroup(group)
			return
		}
	}
}

// leaveBehind lets processes of the application go on that a worker leaves when it is replaced. They end by themselves, or
// when the pool ends.
func (p *Pool) leaveBehind(w *worker) {
	group := w.process
	if !groupExists(group) {
		return
	}
	w.log.Info("the application's processes go on after their worker was replaced, at the longest until the server ends",
		slog.Int("process group", group.Pid))
	p.ended.Go(func() {
		for groupExists(group) {
			if !p.sleep(strayPoll) {
				terminateGroup(group)
				sweep(group)
				return
			}
		}
	})
}

// stop ends the worker: in a way that lets atexit handlers run, and by force where that takes too long.
func (w *worker) stop(way func()) {
	killer := time.AfterFunc(exitGrace, func() {
		text := "a worker is killed, because it did not end by itself: is it at an atexit handler, or at a thread that is no daemon?"
		if w.isHosted {
			text = "a call that hangs is left behind: it did not end by itself"
		}
		w.log.Warn(text, slog.Duration("within", exitGrace))
		w.kill("it did not end within " + exitGrace.String())
	})
	defer killer.Stop()
	way()
	<-w.gone
}

// quit asks an idle worker to end.
func (w *worker) quit() {
	w.channel.SetWriteDeadline(time.Now().Add(exitGrace))
	w.send(appendHeader(nil, 0, 0, kindQuit))
}

// leave makes a worker end whatever it is doing.
func (w *worker) leave() {
	w.mu.Lock()
	w.because("it was stopped before the call was done")
	w.mu.Unlock()
	w.order([]byte{'x'}, orderGrace)
	w.quit() // an application may have replaced the handler
}

// dismiss makes the worker take no more calls. It returns false where that was so before.
func (w *worker) dismiss() bool {
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
	return wasReady
}

// retire lets the worker finish its calls, until done, and ends it. Calls that hang are not waited for.
func (w *worker) retire(done <-chan struct{}) {
	w.dismiss()
	select {
	case <-w.idle:
		if w.hangs() {
			w.stop(w.leave)
		} else {
			w.stop(w.quit)
		}
	case <-done:
		w.stop(w.leave)
	case <-w.gone:
	}
}

// replaced is retire for a worker that has a successor. What the application started goes on.
func (w *worker) replaced() {
	w.sparing.Store(true)
	w.retire(w.pool.graceful())
}
