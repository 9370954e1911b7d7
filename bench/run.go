package bench

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"glasswsgi/bench/process"
)

// Progress is told to the caller.
type Progress struct {
	Workload    *Workload
	Server      string
	Round       int
	Done, Total int // measurements
	Left        time.Duration
	Measured    *Measurement // of the one that is just over; nil when one begins
	Result      *WorkloadResult
}

// bench is a run.
type bench struct {
	*Options
	scene    *scene
	report   *Report
	watch    func(Progress)
	progress Progress
	begun    time.Time
}

// Run measures all chosen servers under all chosen workloads. When ctx ends, it returns what is complete so far.
func Run(ctx context.Context, o *Options, watch func(Progress)) (*Report, error) {
	workloads, err := o.chosenWorkloads()
	if err != nil {
		return nil, err
	}
	servers, err := Servers(o) // which takes seconds: each is asked for its version
	if err != nil {
		return nil, err
	}
	if len(o.Servers) == 0 {
		servers = slices.DeleteFunc(servers, func(s *Server) bool { return s.Named })
	}
	b := &bench{Options: o, watch: watch, begun: time.Now()}
	if b.scene, err = newScene(); err != nil {
		return nil, err
	}
	defer b.scene.remove()
	b.report = &Report{Format: reportFormat, Made: b.begun.UTC().Truncate(time.Second), Glass: o.Version, Machine: thisMachine(),
		Rounds: o.Rounds, Duration: o.Duration, Servers: servers, Noise: Noise{Load: loadAverage()}}
	if !slices.ContainsFunc(servers, func(s *Server) bool { return s.Missing == "" }) {
		return nil, fmt.Errorf("none of the servers is installed; --list shows what each needs")
	}
	if _, err := process.CPU(1); err == process.ErrUnknown {
		b.report.Remarks = append(b.report.Remarks, "CPU time and memory are left out: "+err.Error()+".")
	}
	b.runAll(ctx, workloads)
	return b.report, nil
}

func (o *Options) chosenWorkloads() ([]*Workload, error) {
	if o.App != "" {
		w := yours(o.App, o.Path)
		o.settle(w)
		return []*Workload{w}, nil
	}
	all, err := Workloads()
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		o.settle(w)
	}
	return choose("workloads", all, func(w *Workload) string { return w.Name }, o.Workloads)
}

// runAll goes from workload to workload. The servers take turns within each.
func (b *bench) runAll(ctx context.Context, workloads []*Workload) {
	all, stolen := cpuTimes()
	b.count(workloads)
	b.ceiling(ctx)
	for _, w := range workloads {
		if ctx.Err() != nil {
			break
		}
		b.report.Workloads = append(b.report.Workloads, b.workload(ctx, w))
	}
	b.report.Complete = ctx.Err() == nil
	b.report.Took = time.Since(b.begun).Round(time.Second)
	if allNow, stolenNow := cpuTimes(); allNow > all {
		b.report.Noise.Steal = (stolenNow - stolen) / (allNow - all)
	}
	n := &b.report.Noise
	n.Variation = variation(n.Calibration)
	if !b.report.Complete {
		b.report.Remarks = append(b.report.Remarks, "It was interrupted: what is missing was not measured.")
	}
	b.report.Remarks = append(b.report.Remarks, n.remarks(b.report.Machine.Cores)...)
	b.report.Remarks = append(b.report.Remarks, b.report.unsureRemarks()...)
	b.report.Remarks = append(b.report.Remarks, b.report.heldBack()...)
}

// count finds out how many measurements there will be.
func (b *bench) count(workloads []*Workload) {
	for _, w := range workloads {
		for _, s := range b.report.Servers {
			if s.Missing == "" && s.runs(w) {
				b.progress.Total += b.Rounds
			}
		}
	}
}

// workload runs one on all servers, so many rounds. Each round begins with another server: the first one finds a
// cooler machine.
func (b *bench) workload(ctx context.Context, w *Workload) *WorkloadResult {
	result := &WorkloadResult{Workload: w, LeftOut: map[string]string{}}
	if w.NeedsFile && b.scene.file == "" {
		if err := b.scene.largeFile(b.FileSize); err != nil {
			b.report.Remarks = append(b.report.Remarks, w.Title+" is left out: "+err.Error())
			return result
		}
	}
	servers := b.serversOf(w, result)
	for round := range b.Rounds {
		b.report.Noise.Calibration = append(b.report.Noise.Calibration, calibrate())
		for i := range servers {
			if ctx.Err() != nil {
				return result
			}
			s := servers[(i+round)%len(servers)]
			b.tell(Progress{Workload: w, Server: s.Name, Round: round + 1, Result: result})
			m := b.measure(ctx, s, w, round)
			if ctx.Err() != nil {
				return result // it was cut short, and says nothing
			}
			result.Measurements = append(result.Measurements, m)
			b.progress.Done++
			b.tell(Progress{Workload: w, Server: s.Name, Round: round + 1, Measured: m, Result: result})
		}
	}
	if b.Steps && slices.Contains(result.Servers, subject) {
		if w.Idle == 0 {
			b.whereTimeGoes(ctx, result)
		}
		b.profile(ctx, result)
		result.Limits = result.limits(b.report.Machine.Cores)
	}
	return result
}

// serversOf are the servers that can run the workload, and in the result why the others cannot.
func (b *bench) serversOf(w *Workload, result *WorkloadResult) (servers []*Server) {
	for _, s := range b.report.Servers {
		if s.Missing != "" || !s.runs(w) {
			continue
		}
		if why := b.lacks(s, w); why != "" {
			result.LeftOut[s.Name] = why
			b.progress.Total -= b.Rounds
			continue
		}
		servers = append(servers, s)
		result.Servers = append(result.Servers, s.Name)
	}
	return servers
}

// lacks says what the Python of a server has not that the workload needs.
func (b *bench) lacks(s *Server, w *Workload) string {
	if w.Module == "" {
		return ""
	}
	python := s.runBy(b.Options)
	if strings.Contains(strings.Join(s.Command, " "), "{python}") {
		python = b.Interpreter
	}
	if python == "" {
		return "" // it has one of its own, which will tell
	}
	command := exec.Command(python, "-c", "import "+w.Module)
	command.Env = b.scene.environ(b.Options, python)
	if command.Run() == nil {
		return ""
	}
	return fmt.Sprintf("its Python has no %s: --python PATH names one that has it (Debian: %s)", w.Module, w.Package)
}

// tell reports progress, with a guess of the time that is left.
func (b *bench) tell(p Progress) {
	p.Done, p.Total = b.progress.Done, b.progress.Total
	each := b.Duration + b.Duration/5 + time.Second
	if p.Done > 0 {
		each = time.Since(b.begun) / time.Duration(p.Done)
	}
	p.Left = (each * time.Duration(max(p.Total-p.Done, 0))).Round(time.Second)
	b.watch(p)
}
