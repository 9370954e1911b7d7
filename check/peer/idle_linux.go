package peer

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Idle says whether every thread of the process and of those that it started sleeps, proc(5). One that waits for the
// processor does not, however long it waits. They are looked at one after the other, and one may have woken the next: so
// all are looked at twice, and none may have run in between.
func (p *Process) Idle() (idle, known bool) {
	before, asleep := threads(p.Pid(), "S")
	if before == "" || !asleep {
		return false, before != ""
	}
	after, asleep := threads(p.Pid(), "S")
	return asleep && after == before, true
}

// threads are the states of the threads of a process, and of its descendants, with how often each has run; "" if there is
// no such process. Asleep are those in one of some states.
func threads(pid int, states string) (all string, asleep bool) {
	asleep = true
	folders, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, folder := range folders {
		status, _ := os.ReadFile(filepath.Join(folder, "status"))
		_, state, found := strings.Cut(string(status), "\nState:\t")
		if !found || !strings.Contains(states, state[:1]) {
			asleep = false // or it has just ended
		}
		all += string(status)
		children, _ := os.ReadFile(filepath.Join(folder, "children"))
		for _, child := range strings.Fields(string(children)) {
			id, _ := strconv.Atoi(child)
			below, sleep := threads(id, "SZ") // one that has ended, and that its parent has not asked about
			all, asleep = all+below, asleep && sleep
		}
	}
	return all, asleep
}
