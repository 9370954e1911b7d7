package cpython

import (
	"net"
	"os/exec"
	"runtime"
	"sync"
)

// spawnDescriptors is what starting a worker needs at most: its two channels, the outbox, what os/exec opens meanwhile.
const spawnDescriptors = 12

// spawner starts all processes of a pool from one OS thread. Linux ties "kill the child when its parent dies"
// (PR_SET_PDEATHSIG) to the thread that made the child, so the thread has to live as long as the pool.
type spawner struct {
	work    chan func()
	ended   chan struct{} // closed when nothing is held in reserve any more
	once    sync.Once
	reserve reserve
	makes   func() bool // Config.NoDescriptor
}

func newSpawner(noDescriptor func() bool) *spawner {
	s := &spawner{work: make(chan func()), ended: make(chan struct{}), makes: noDescriptor}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		s.reserve.fill()
		for f := range s.work {
			f()
		}
		s.reserve.release()
		close(s.ended)
	}()
	return s
}

func (s *spawner) start(command *exec.Cmd) (channel, lifeline net.Conn, err error) {
	unstarted := *command
	err = s.do(func() error {
		*command = unstarted // a Cmd takes no second Start, even where the first one had no descriptor
		channel, lifeline, err = start(command)
		return err
	})
	return channel, lifeline, err
}

// do starts something in the spawner's thread. It makes room where there is no descriptor left: it gives up those in
// reserve, then asks the server to close a connection, as often as a worker may need.
func (s *spawner) do(start func() error) (err error) {
	done := make(chan struct{})
	s.work <- func() {
		defer close(done)
		if err = start(); isNoDescriptor(err) {
			s.reserve.release()
			for try := 0; try <= spawnTries && isNoDescriptor(err) && (try == 0 || s.makeRoom()); try++ {
				err = start()
			}
		}
		s.reserve.fill()
	}
	<-done
	return err
}

// makeRoom asks the server for as many descriptors as a worker needs, at once: peers that wait to be accepted take what
// they find. It says whether there were any.
func (s *spawner) makeRoom() (some bool) {
	for range spawnDescriptors {
		if s.makes == nil || !s.makes() {
			return some
		}
		some = true
	}
	return true
}

// end is called when no child is left.
func (s *spawner) end() {
	s.once.Do(func() { close(s.work) })
	<-s.ended
}
