package health

import (
	"fmt"
	"io"
	"sync/atomic"

	"github.com/VictoriaMetrics/metrics"

	"glasswsgi/server/front"
)

// durations are the upper bounds of the histogram, in seconds: from what an application in the cache takes to --timeout.
var durations = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// statuses is one more than the largest status code (RFC 9110 §15: three digits).
const statuses = 1000

// meter counts what a front has answered, and asks for the rest when it is read.
type meter struct {
	node      *Node
	set       *metrics.Set
	duration  *metrics.PrometheusHistogram
	bodyBytes *metrics.Counter
	answered  [statuses]atomic.Uint64 // by status code
	usage     usage
}

func (m *meter) init(version string, n *Node) {
	metrics.ExposeMetadata(true) // the types; they are for all of the process, which has no other metrics
	m.node, m.set = n, metrics.NewSet()
	m.duration = m.set.NewPrometheusHistogramExt("glass_request_duration_seconds", durations)
	m.bodyBytes = m.set.NewCounter("glass_response_body_bytes_total")
	m.set.NewGauge("glass_ready", func() float64 {
		if n.unready() == "" {
			return 1
		}
		return 0
	})
	m.set.NewGauge(fmt.Sprintf("glass_build_info{version=%q}", version), func() float64 { return 1 })
}

// Observe counts an exchange that has ended. It is called for each one, by many goroutines.
func (m *meter) Observe(e *front.AccessEntry) {
	m.answered[min(max(e.Status, 0), statuses-1)].Add(1)
	m.duration.Update(e.Duration.Seconds())
	m.bodyBytes.AddInt64(e.BodyBytes)
}

// write writes all that is known, in Prometheus' text format.
func (m *meter) write(w io.Writer) {
	for status := range m.answered {
		if count := m.answered[status].Load(); count > 0 {
			m.set.GetOrCreateCounter(fmt.Sprintf(`glass_requests_total{status="%d"}`, status)).Set(count)
		}
	}
	m.readSource()
	m.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
	metrics.WriteFDMetrics(w)
}

// readSource takes what the runtime and the front know.
func (m *meter) readSource() {
	source := m.node.source.Load()
	if source == nil {
		return
	}
	if source.Open != nil {
		m.gauge("glass_connections", source.Open())
	}
	if source.Restarts != nil {
		for cause, count := range source.Restarts() {
			m.set.GetOrCreateCounter(fmt.Sprintf("glass_worker_restarts_total{cause=%q}", cause)).Set(count)
		}
	}
	if source.Memory != nil {
		if bytes := source.Memory(); bytes > 0 {
			m.gauge("glass_worker_memory_bytes", int(bytes))
		}
	}
	load, known := m.node.load()
	if !known {
		return
	}
	m.gauge("glass_workers", load.Workers)
	m.gauge(`glass_threads{state="busy"}`, load.Busy)
	m.gauge(`glass_threads{state="idle"}`, load.Idle)
	m.gauge("glass_queued_calls", load.Queued)
	m.set.GetOrCreateGauge("glass_utilisation", nil).Set(m.usage.mean())
	busy := m.set.GetOrCreateFloatCounter("glass_thread_busy_seconds_total")
	busy.Set(m.usage.busySeconds())
}

func (m *meter) gauge(name string, value int) { m.set.GetOrCreateGauge(name, nil).Set(float64(value)) }
