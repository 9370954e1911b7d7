package bench

import (
	"os"
	"strconv"
	"strings"
)

func (m *Machine) describe() {
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += ", Linux " + strings.TrimSpace(string(release))
	}
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo")
	m.CPU = after(string(cpuinfo), "model name")
	meminfo, _ := os.ReadFile("/proc/meminfo")
	if fields := strings.Fields(after(string(meminfo), "MemTotal")); len(fields) > 0 {
		kilobytes, _ := strconv.ParseFloat(fields[0], 64)
		m.Memory = kilobytes * 1024
	}
}

// after is what the first line that begins with a name says behind its colon.
func after(text, name string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, name) {
			_, value, _ := strings.Cut(line, ":")
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// loadAverage is that of the last minute.
func loadAverage() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	average, _ := strconv.ParseFloat(first, 64)
	return average
}

// cpuTimes are the ticks of all cores, and those that the hypervisor gave to others (proc(5), /proc/stat).
func cpuTimes() (all, stolen float64) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	const stealColumn, guestColumn = 8, 9 // guest time is in user time already
	for i, field := range strings.Fields(line) {
		ticks, err := strconv.ParseFloat(field, 64)
		if err != nil || i >= guestColumn {
			continue
		}
		all += ticks
		if i == stealColumn {
			stolen = ticks
		}
	}
	return all, stolen
}
