package cpython

import (
	"net"
	"os/exec"
	"runtime"
	"sync"
)

// spawner starts all processes of a pool from one OS thread. Linux ties "kill the child when its parent dies"
// (PR_SET_PDEATHSIG) to the thread that made the child, so the thread has to live as long as the pool.
type spawner struct {
	work chan func()
	once sync.Once
}

func newSpawner() *spawner {
	s := &spawner{work: make(chan func())}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for f := range s.work {
			f()
		}
	}()
	return s
}

func (s *spawner) start(command *exec.Cmd) (channel, lifeline net.Conn, err error) {
	done := make(chan struct{})
	s.work <- func() {
		channel, lifeline, err = start(command)
		close(done)
	}
	<-done
	return channel, lifeline, err
}

// end is called when no child is left.
func (s *spawner) end() { s.once.Do(func() { close(s.work) }) }
