package bench

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"text/tabwriter"
)

// sorted goes through a map in the order of its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// compared are the metrics that are worth a comparison.
var compared = []string{"rate", "p50", "p99", "cpu", "memory", "idle_memory", "start", "open_p99"}

// Difference is what changed from one report to the other.
type Difference struct {
	Workload, Server string
	Metric           Metric
	Change           Estimate // after over before
	Verdict          string   // "better", "worse", "the same", or why nothing can be said
}

// Compare holds every server and workload that both reports have side by side.
func Compare(before, after *Report) (differences []Difference) {
	noise := max(before.Noise.Variation, after.Noise.Variation)
	for _, w := range after.Workloads {
		i := slices.IndexFunc(before.Workloads, func(old *WorkloadResult) bool { return old.Name == w.Name })
		if i < 0 {
			continue
		}
		for _, server := range w.Servers {
			for _, key := range compared {
				old, now := before.Workloads[i].values(server, key), w.values(server, key)
				if len(old) == 0 || len(now) == 0 {
					continue
				}
				metric, _ := MetricOf(key)
				d := Difference{Workload: w.Name, Server: server, Metric: metric, Change: Change(old, now)}
				d.Verdict = d.judge(noise)
				differences = append(differences, d)
			}
		}
	}
	return differences
}

// judge calls a change one if its interval leaves out "none", and it is larger than the machine's own noise.
func (d *Difference) judge(noise float64) string {
	e := d.Change
	switch {
	case e.Rounds == 0:
		return "not measured"
	case !e.Known():
		return fmt.Sprintf("fewer than %d rounds: nothing can be said", leastRounds)
	case e.Low <= 1 && e.High >= 1, e.Mean < 1+noise && e.Mean > 1/(1+noise):
		return "the same, within the noise"
	case (e.Mean > 1) == d.Metric.Highest:
		return "better"
	}
	return "worse"
}

// WriteComparison writes what changed, and says what makes the two reports hard to compare.
func WriteComparison(w io.Writer, before, after *Report) error {
	fmt.Fprintf(w, "before: glass %s, %s\nafter:  glass %s, %s\n", before.Glass, before.Made.Format("2006-01-02 15:04"), after.Glass, after.Made.Format("2006-01-02 15:04"))
	if before.Machine != after.Machine {
		fmt.Fprintln(w, "These are two machines, or two versions of one: what differs may be theirs.")
	}
	if old, now := Estimated(before.Noise.Calibration), Estimated(after.Noise.Calibration); old.Mean > 0 && now.Mean > 0 {
		fmt.Fprintf(w, "The same work took the machine %s, and now %s: %.2f ×.\n", writeTime(old.Mean), writeTime(now.Mean), now.Mean/old.Mean)
	}
	if before.Rounds != after.Rounds || before.Duration != after.Duration {
		fmt.Fprintf(w, "Measured in %d rounds of %v, and now in %d of %v.\n", before.Rounds, before.Duration, after.Rounds, after.Duration)
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "workload\tserver\tmetric\tafter / before\t95 % interval\t")
	differences := Compare(before, after)
	for _, d := range differences {
		interval := "-"
		if d.Change.Known() {
			interval = fmt.Sprintf("%.3f to %.3f", d.Change.Low, d.Change.High)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%.3f\t%s\t%s\n", d.Workload, d.Server, d.Metric.Short, d.Change.Mean, interval, d.Verdict)
	}
	if len(differences) == 0 {
		fmt.Fprintln(table, "The reports have no workload and server in common.")
	}
	return table.Flush()
}
