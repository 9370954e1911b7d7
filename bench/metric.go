package bench

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Metric is something that is measured. Values are in its base unit: seconds, bytes, requests a second.
type Metric struct {
	Key     string
	Title   string
	Short   string // the head of a column
	Highest bool   // more is better
	Write   func(float64) string
}

// Metrics are all that there are, in the order of the report.
var Metrics = []Metric{
	{"rate", "throughput, requests a second", "requests/s", true, writeCount},
	{"bytes", "content transferred a second", "content/s", true, writeSize},
	{"of_ideal", "throughput as a share of what is possible", "of ideal", true, writeShare},
	{"kept", "throughput of the fast clients beside slow ones, as a share of without", "kept", true, writeShare},
	{"p50", "latency that half of the answers do not exceed", "p50", false, writeTime},
	{"p90", "latency that 90 % of the answers do not exceed", "p90", false, writeTime},
	{"p99", "latency that 99 % of the answers do not exceed", "p99", false, writeTime},
	{"p999", "latency that 99.9 % of the answers do not exceed", "p99.9", false, writeTime},
	{"max", "longest latency", "max", false, writeTime},
	{"open_p50", "the same at a fixed rate, counted from when the request was due: p50", "open p50", false, writeTime},
	{"open_p99", "p99 at a fixed rate", "open p99", false, writeTime},
	{"open_p99_over_p50", "p99 over p50 at a fixed rate", "p99/p50", false, writeFactor},
	{"cpu", "CPU time of the server's whole process tree for each request", "CPU/request", false, writeTime},
	{"memory", "peak memory of the tree", "memory", false, writeSize},
	{"memory_growth", "peak memory of the tree beyond what it was before the load", "growth", false, writeSize},
	{"server_memory", "peak memory of the first process", "server", false, writeSize},
	{"worker_memory", "peak memory of the largest of the others", "worker", false, writeSize},
	{"idle_memory", "memory of each idle connection", "a connection", false, writeSize},
	{"held", "idle connections that the server keeps", "held", true, writeCount},
	{"start", "time from the start until the first answer", "first answer", false, writeTime},
}

// MetricOf finds a metric by its key.
func MetricOf(key string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Key == key {
			return m, true
		}
	}
	return Metric{Key: key, Title: key, Short: key, Write: func(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }}, false
}

func writeCount(v float64) string {
	switch {
	case v >= 1000:
		text := strconv.FormatFloat(v, 'f', 0, 64)
		for i := len(text) - 3; i > 0; i -= 3 {
			text = text[:i] + "," + text[i:]
		}
		return text
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func writeShare(v float64) string  { return fmt.Sprintf("%.1f %%", 100*v) }
func writeFactor(v float64) string { return fmt.Sprintf("%.2f", v) }

// writeTime has three digits: 12.3 µs, 1.23 ms.
func writeTime(v float64) string {
	d := time.Duration(v * float64(time.Second))
	switch {
	case d < time.Millisecond:
		return threeDigits(v*1e6) + " µs"
	case d < time.Second:
		return threeDigits(v*1e3) + " ms"
	}
	return threeDigits(v) + " s"
}

// writeSize counts in powers of ten, as the targets do.
func writeSize(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, " GB"}, {1e6, " MB"}, {1e3, " KB"}} {
		if math.Abs(v) >= unit.size {
			return threeDigits(v/unit.size) + unit.name
		}
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + " B"
}

func threeDigits(v float64) string {
	switch size := math.Abs(v); {
	case size >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case size >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
