package peer

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Idle says whether every thread of the process sleeps, proc(5). One that waits for the processor does not, however long it
// waits.
func (p *Process) Idle() (idle, known bool) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.Pid()))
	if err != nil || len(threads) == 0 {
		return false, false
	}
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			return false, true // it has just ended
		}
		if _, state, ok := bytes.Cut(text[max(0, bytes.LastIndexByte(text, ')')):], []byte(") ")); !ok || state[0] != 'S' {
			return false, true
		}
	}
	return true, true
}
