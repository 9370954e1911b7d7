package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"glasswsgi/bench/load"
	"glasswsgi/inspect"
)

// reportFormat is that of report.json; a reader refuses others.
const reportFormat = 1

// Report is all that was measured, and what a stranger needs to measure it again. report.json is this type.
type Report struct {
	Format      int               `json:"format"`
	Made        time.Time         `json:"made"`
	Took        time.Duration     `json:"took"`
	Glass       string            `json:"glass"`
	CommandLine []string          `json:"command_line"`
	Complete    bool              `json:"complete"` // false: it was interrupted
	Machine     Machine           `json:"machine"`
	Rounds      int               `json:"rounds"`
	Duration    time.Duration     `json:"duration"`
	Servers     []*Server         `json:"servers"`
	Workloads   []*WorkloadResult `json:"workloads"`
	Ceiling     float64           `json:"ceiling"` // requests a second of the load generator against glass native
	Noise       Noise             `json:"noise"`
	Remarks     []string          `json:"remarks"`
}

// WorkloadResult is what came of a workload.
type WorkloadResult struct {
	*Workload
	Servers      []string          `json:"servers"` // in their order
	Measurements []*Measurement    `json:"measurements"`
	LeftOut      map[string]string `json:"left_out,omitempty"` // server: why
	Where        *Where            `json:"where,omitempty"`
	Profile      *Profile          `json:"profile,omitempty"`
	NoProfile    string            `json:"no_profile,omitempty"` // why
	Limits       []Limit           `json:"limits,omitempty"`     // of the targets that were not reached
}

// Measurement is one server under one workload in one round.
type Measurement struct {
	Server    string             `json:"server"`
	Round     int                `json:"round"`
	Words     []string           `json:"words,omitempty"` // the command, as it was run
	Values    map[string]float64 `json:"values"`
	Errors    map[string]int64   `json:"errors,omitempty"`
	Latencies *load.Latencies    `json:"latencies,omitempty"`
	Generator float64            `json:"generator"` // cores that the load generator used
	Notes     []string           `json:"notes,omitempty"`
	Failed    string             `json:"failed,omitempty"`
}

// Where is where the time of a request goes on glass.
type Where struct {
	inspect.Times
	Rate     float64 `json:"rate"`     // with the observer
	Overhead float64 `json:"overhead"` // the share of the throughput that the observer costs
}

// values are those of a metric, of the rounds that have it.
func (w *WorkloadResult) values(server, metric string) (values []float64) {
	rounds := w.byRound(server, metric)
	for _, round := range slices.Sorted(maps.Keys(rounds)) {
		values = append(values, rounds[round])
	}
	return values
}

// byRound is a metric of a server in each round that has it. A percentile for which one of the rounds had too few answers
// is left out of all of them: its mean would be of other rounds than that of the percentile beside it, and p99.9 could
// come out below p99.
func (w *WorkloadResult) byRound(server, metric string) map[int]float64 {
	rounds := map[int]float64{}
	for _, m := range w.Measurements {
		v, has := m.Values[metric]
		switch {
		case m.Server != server:
		case has:
			rounds[m.Round] = v
		case quantiles[metric] > 0 && m.Values["rate"] > 0:
			return nil
		}
	}
	return rounds
}

// latencies are those of all rounds together.
func (w *WorkloadResult) latencies(server string) (all load.Latencies, any bool) {
	all = load.NewLatencies()
	for _, m := range w.Measurements {
		if m.Server == server && m.Latencies != nil && m.Latencies.TotalCount() > 0 {
			all.Merge(m.Latencies.Histogram)
			any = true
		}
	}
	return all, any
}

// troubles are the errors and the notes of a server, each once.
func (w *WorkloadResult) troubles(server string) (texts []string) {
	errors := map[string]int64{}
	for _, m := range w.Measurements {
		if m.Server != server {
			continue
		}
		for kind, count := range m.Errors {
			errors[kind] += count
		}
		for _, text := range append(slices.Clone(m.Notes), m.Failed) {
			if text != "" && !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(errors)) {
		texts = append(texts, fmt.Sprintf("%s × %s", writeCount(float64(errors[kind])), kind))
	}
	return texts
}

// columns are the metrics that a server has.
func (w *WorkloadResult) columns() (columns []Metric) {
	for _, metric := range Metrics {
		if slices.ContainsFunc(w.Measurements, func(m *Measurement) bool { _, ok := m.Values[metric.Key]; return ok }) {
			columns = append(columns, metric)
		}
	}
	return columns
}

// WriteJSON writes report.json.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	return encoder.Encode(r)
}

// ReadReport reads it.
func ReadReport(in io.Reader) (*Report, error) {
	r := &Report{}
	if err := json.NewDecoder(in).Decode(r); err != nil {
		return nil, fmt.Errorf("not a report of glass bench: %w", err)
	}
	if r.Format != reportFormat {
		return nil, fmt.Errorf("a report of format %d; this glass reads format %d: measure again", r.Format, reportFormat)
	}
	return r, nil
}
