package bench

import (
	"fmt"
	"strings"
)

// Limit says, by the profile, what stands between glass and a target that it did not reach.
type Limit struct {
	Target string `json:"target"` // Verdict.Text
	Says   string `json:"says"`
}

// limits are those of a workload that was profiled.
func (w *WorkloadResult) limits(cores int) (limits []Limit) {
	if w.Profile == nil {
		return nil
	}
	for _, v := range w.Verdicts() {
		if v.Known && !v.Reached {
			limits = append(limits, Limit{v.Text, w.costs(cores).limit(v)})
		}
	}
	return limits
}

// costs are what a request costs: the sums from the rounds, divided as the profile has it.
type costs struct {
	*WorkloadResult
	cores     float64
	rate      float64 // requests a second
	cpu       float64 // seconds of glass and its workers
	worker    float64 // of these, the workers
	serial    float64 // of these, what one worker can only do for one request at a time
	generator float64 // seconds of the load generator
}

func (w *WorkloadResult) costs(cores int) *costs {
	c := &costs{WorkloadResult: w, cores: float64(cores), rate: w.mean(subject, "rate"), cpu: w.mean(subject, "cpu")}
	if c.cpu == 0 {
		c.cpu = w.Profile.CPU
	}
	c.worker = c.cpu * w.Profile.Worker() / w.Profile.CPU
	c.serial = c.worker
	if w.Threads > 1 { // while one thread is in the kernel, another has its turn
		c.serial = c.cpu * w.Profile.Shares["worker_user"] / w.Profile.CPU
	}
	if c.rate > 0 {
		c.generator = w.generator(subject) / c.rate
	}
	return c
}

func (w *WorkloadResult) mean(server, metric string) float64 {
	if e := Estimated(w.values(server, metric)); e.Rounds > 0 {
		return e.Mean
	}
	return 0
}

// limit makes the sentences.
func (c *costs) limit(v Verdict) string {
	switch v.Metric {
	case "memory", "memory_growth", "server_memory", "worker_memory", "idle_memory":
		return "A profile of CPU time tells nothing about memory."
	case "start":
		return "The profile begins after the start, and tells nothing about it."
	case "cpu":
		wanted := v.AtMost
		if v.Against != "" {
			wanted *= c.mean(v.Against, "cpu")
		}
		return join(c.divided(), c.permitted(wanted))
	case "rate":
		return join(c.divided(), c.peer(v.Against), c.ofRate(v))
	}
	return join(c.divided(), c.used())
}

func join(sentences ...string) string {
	return strings.Join(strings.Fields(strings.Join(sentences, " ")), " ")
}

// divided says who takes what.
func (c *costs) divided() string {
	text := fmt.Sprintf("Of %s of CPU time a request, %s are the worker's (%.0f %%).", writeTime(c.cpu), writeTime(c.worker), 100*c.worker/c.cpu)
	if largest := c.Profile.Largest(); largest.Seconds > 0 {
		text += fmt.Sprintf(" Most of the server's goes to %s: %s.", largest.Title, writeTime(c.cpu*largest.Share))
	}
	return text
}

func (c *costs) peer(name string) string {
	if cpu := c.mean(name, "cpu"); cpu > 0 {
		return fmt.Sprintf("%s takes %s.", strings.ToUpper(name[:1])+name[1:], writeTime(cpu))
	}
	return ""
}

// permitted compares what glass takes with what it may.
func (c *costs) permitted(wanted float64) string {
	switch {
	case wanted >= c.cpu: // the mean of ratios is another than the ratio of means
		return ""
	case wanted <= c.worker:
		return fmt.Sprintf("The target allows %s, which is less than the worker alone.", writeTime(wanted))
	}
	return fmt.Sprintf("The target allows %s: %s would have to go.", writeTime(wanted), writeTime(c.cpu-wanted))
}

// busy is the share from which a process can be said to be the limit.
const busy = 0.85

// ofRate finds who is the limit: the worker, the cores, or neither, so that it must be waiting.
func (c *costs) ofRate(v Verdict) string {
	if c.rate == 0 {
		return ""
	}
	factor := v.AtLeast / v.Value.Mean
	if most := min(float64(c.Workers), c.cores) / c.serial; c.serial > 0 && (c.rate*factor > most || c.rate > busy*most) {
		text := fmt.Sprintf("A worker runs one thread of Python at a time: if all else cost nothing, at most %s requests/s were possible", writeCount(most))
		if v.Against != "" {
			text += fmt.Sprintf(", %.2f × %s", v.Value.Mean*most/c.rate, v.Against)
		}
		return text + "."
	}
	if c.rate*(c.cpu+c.generator) < busy*c.cores {
		return c.used() + " It is not CPU time that is missing, unless others took the rest."
	}
	wanted := (c.cpu+c.generator)/factor - c.generator
	if wanted <= 0 {
		return fmt.Sprintf("The load generator takes %s of the same cores for a request: here the target is out of reach for a server that costs nothing.", writeTime(c.generator))
	}
	return fmt.Sprintf("The cores are full; %s are the load generator's.", writeTime(c.generator)) + " " + c.permitted(wanted)
}

// used says how full the cores were.
func (c *costs) used() string {
	return fmt.Sprintf("At %s requests/s glass used %.2f of %.0f cores, and the load generator %.2f.", writeCount(c.rate), c.rate*c.cpu, c.cores, c.rate*c.generator)
}
