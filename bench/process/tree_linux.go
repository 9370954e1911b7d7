package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ticksASecond is USER_HZ, in which /proc counts CPU time: 100 on every Linux that Go runs on.
const ticksASecond = 100

// status is what /proc/PID/stat says of a process.
type status struct {
	pid, parent int
	own, ended  Times // its own, and that of its children that ended
}

// Tree reads the CPU time and the memory of a process and its descendants.
func Tree(root int) (Usage, error) { return measure(root, true) }

// CPU is Tree without the memory, which is dearer to read.
func CPU(root int) (Usage, error) { return measure(root, false) }

// Split is CPU by who used it.
func Split(root int) (p Parts, err error) {
	members, err := descendants(root)
	for _, s := range members {
		p.Others = p.Others.Add(s.ended)
		if s.pid == root {
			p.First = s.own
		} else {
			p.Others = p.Others.Add(s.own)
		}
	}
	return p, err
}

func measure(root int, memory bool) (u Usage, err error) {
	members, err := descendants(root)
	if err != nil {
		return u, err
	}
	for _, s := range members {
		u.CPU += s.own.All() + s.ended.All()
		u.Count++
		if !memory {
			continue
		}
		size, tracer := sizeOf(s.pid)
		u.Memory += size
		if s.pid == root {
			u.Root = size
		} else {
			u.Largest = max(u.Largest, size)
		}
		if tracer != 0 {
			u.Traced = tracer
		}
	}
	return u, nil
}

// descendants are the process itself and all that it, or one of them, started.
func descendants(root int) (members []status, err error) {
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	children := map[int][]status{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		s, err := parseStat(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if s.pid == root {
			members = append(members, s)
		} else {
			children[s.parent] = append(children[s.parent], s)
		}
	}
	if len(members) == 0 {
		return nil, fmt.Errorf("there is no process %d", root)
	}
	for i := 0; i < len(members); i++ {
		members = append(members, children[members[i].pid]...)
	}
	return members, nil
}

// parseStat reads proc(5)'s format. The second field is a name in parentheses, which may itself have spaces and
// parentheses in it.
func parseStat(text []byte) (s status, err error) {
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return s, fmt.Errorf("not the status of a process: %q", text)
	}
	if s.pid, err = strconv.Atoi(strings.TrimSpace(string(text[:open]))); err != nil {
		return s, err
	}
	fields := strings.Fields(string(text[end+1:]))
	const parent, utime, cstime = 4 - 3, 14 - 3, 17 - 3 // field 3 is the first behind the name
	if len(fields) <= cstime {
		return s, fmt.Errorf("not the status of a process: %q", text)
	}
	if s.parent, err = strconv.Atoi(fields[parent]); err != nil {
		return s, err
	}
	for i, to := range []*time.Duration{&s.own.User, &s.own.System, &s.ended.User, &s.ended.System} {
		ticks, err := strconv.ParseInt(fields[utime+i], 10, 64)
		if err != nil {
			return s, err
		}
		*to = time.Duration(ticks) * time.Second / ticksASecond
	}
	return s, nil
}

// sizeOf is the memory of a process, and who traces it. PSS counts a page that n processes share as 1/n in each; where
// it may not be read, the resident set stands for it.
func sizeOf(pid int) (size int64, tracer int) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	described, _ := os.ReadFile(filepath.Join(folder, "status"))
	tracer = int(number(described, "TracerPid:"))
	rollup, err := os.ReadFile(filepath.Join(folder, "smaps_rollup"))
	if err != nil {
		return number(described, "VmRSS:") << 10, tracer
	}
	return number(rollup, "Pss:") << 10, tracer
}

// number is the one behind a name at the beginning of a line.
func number(text []byte, name string) int64 {
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			fields := strings.Fields(rest)
			n, _ := strconv.ParseInt(slices.Concat(fields, []string{"0"})[0], 10, 64)
			return n
		}
	}
	return 0
}
