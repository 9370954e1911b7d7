package bench

import (
	"fmt"
	"slices"
)

// Target is what glass should reach in a workload: an absolute value of a metric, or its ratio to another server's.
type Target struct {
	Metric  string  `toml:"metric" json:"metric"`
	Against string  `toml:"against" json:"against,omitempty"`
	AtLeast float64 `toml:"at_least" json:"at_least,omitempty"`
	AtMost  float64 `toml:"at_most" json:"at_most,omitempty"`
}

// Verdict is what became of a target.
type Verdict struct {
	Target
	Value   Estimate
	Known   bool   // measured at all
	Reached bool   // the mean does
	Sure    bool   // the whole interval is on the same side
	Text    string // the target in words
	Got     string // the value in words
	Limit   string // what stands in the way, where it was not reached
}

// subject is the server that has targets.
const subject = "glass"

// Verdicts are those of a workload.
func (w *WorkloadResult) Verdicts() (verdicts []Verdict) {
	if !slices.Contains(w.Servers, subject) {
		return nil
	}
	for _, target := range w.Targets {
		v := Verdict{Target: target}
		metric, _ := MetricOf(target.Metric)
		write := metric.Write
		if target.Against != "" {
			write = func(v float64) string { return fmt.Sprintf("%.2f ×", v) }
			v.Value = Ratio(w.byRound(subject, target.Metric), w.byRound(target.Against, target.Metric))
		} else {
			v.Value = Estimated(w.values(subject, target.Metric))
		}
		v.Known = v.Value.Rounds > 0
		v.Text = metric.Title + " " + target.inWords(write)
		if v.Known {
			v.Reached = target.holds(v.Value.Mean)
			v.Sure = v.Value.Known() && target.holds(v.Value.Low) == v.Reached && target.holds(v.Value.High) == v.Reached
			v.Got = withInterval(v.Value, write)
		}
		if i := slices.IndexFunc(w.Limits, func(l Limit) bool { return l.Target == v.Text }); i >= 0 {
			v.Limit = w.Limits[i].Says
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func (t Target) holds(v float64) bool {
	if t.AtLeast != 0 {
		return v >= t.AtLeast
	}
	return v <= t.AtMost
}

func (t Target) inWords(write func(float64) string) string {
	against := ""
	if t.Against != "" {
		against = " that of " + t.Against
	}
	if t.AtLeast != 0 {
		return "at least " + write(t.AtLeast) + against
	}
	return "at most " + write(t.AtMost) + against
}

// Word says it in one word or two.
func (v Verdict) Word() string {
	switch {
	case !v.Known:
		return "not measured"
	case !v.Value.Known() && v.Reached:
		return "reached, in too few rounds"
	case !v.Value.Known():
		return "not reached, in too few rounds"
	case v.Reached && v.Sure:
		return "reached"
	case v.Reached:
		return "reached, within the noise"
	case v.Sure:
		return "not reached"
	}
	return "not reached, within the noise"
}

func withInterval(e Estimate, write func(float64) string) string {
	if !e.Steady() {
		return write(e.Mean) + unsure
	}
	return fmt.Sprintf("%s (%s to %s)", write(e.Mean), write(max(e.Low, 0)), write(e.High))
}
