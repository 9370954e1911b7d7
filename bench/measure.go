package bench

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"glasswsgi/bench/load"
	"glasswsgi/bench/process"
	"glasswsgi/check/peer"
)

// measure starts a server, loads it, and ends it. What goes wrong is part of the measurement.
func (b *bench) measure(ctx context.Context, s *Server, w *Workload, round int) *Measurement {
	m := &Measurement{Server: s.Name, Round: round, Values: map[string]float64{}, Errors: map[string]int64{}}
	begun := time.Now()
	running, err := peer.Start(ctx, s.fill(b.Options, s.Command), b.scene.fill(w), b.scene.environ(b.Options, s.runBy(b.Options)))
	if err == nil {
		defer running.Stop()
		m.Words = running.Words()
		err = firstAnswer(ctx, running.Address+w.Path)
	}
	if err != nil {
		m.Failed = "did not start: " + firstLines(err.Error())
		return m
	}
	if w.App == "hello" { // others answer later than they could
		m.Values["start"] = time.Since(begun).Seconds()
	}
	if err := b.load(ctx, m, w, running); err != nil {
		m.Failed = firstLines(err.Error())
	}
	return m
}

// load measures what a workload is about.
func (b *bench) load(ctx context.Context, m *Measurement, w *Workload, running *peer.Process) error {
	before, err := process.Tree(running.Pid())
	if err == nil && before.Traced != 0 {
		return fmt.Errorf("process %d is debugging the server: figures would be the debugger's", before.Traced)
	}
	plan := w.plan(running.Address, b.Options)
	if w.Idle > 0 {
		return b.idle(ctx, m, plan, w.Idle, running, before)
	}
	closed, err := b.closedLoop(ctx, m, plan, running, before)
	if err != nil {
		return err
	}
	if ideal := w.idealRate(b.report.Machine.Cores); ideal > 0 {
		m.Values["of_ideal"] = m.Values["rate"] / ideal
	}
	if w.Slow > 0 {
		if err := b.beside(ctx, m, plan, w.Slow); err != nil {
			return err
		}
	}
	rate := b.Rate
	if rate == 0 {
		rate = w.OpenShare * float64(closed.Answers) / closed.Elapsed.Seconds()
	}
	if rate > 0 {
		return b.openLoop(ctx, m, plan, rate)
	}
	return nil
}

// closedLoop measures throughput, latencies, CPU time and memory.
func (b *bench) closedLoop(ctx context.Context, m *Measurement, plan load.Plan, running *peer.Process, before process.Usage) (*load.Result, error) {
	var at process.Usage
	watch := watchMemory(running.Pid())
	r, err := b.generate(ctx, plan, func() { at, _ = process.CPU(running.Pid()) })
	after, cpuErr := process.CPU(running.Pid())
	peak := watch()
	if err != nil {
		return nil, err
	}
	m.take(r)
	seconds := r.Elapsed.Seconds()
	m.Generator = r.CPU.Seconds() / seconds
	m.Latencies = &r.Latencies
	if r.Answers == 0 {
		return r, nil
	}
	m.Values["rate"] = float64(r.Answers) / seconds
	if plan.Content >= noteworthySize || plan.Upload > 0 {
		m.Values["bytes"] = float64(r.Bytes) / seconds
	}
	for key, quantile := range quantiles {
		if float64(r.Answers)*(1-quantile) >= 1 { // of ten answers there is no 99th in a hundred
			m.Values[key] = r.Latencies.At(quantile).Seconds()
		}
	}
	m.Values["max"] = r.Latencies.At(1).Seconds()
	if cpuErr == nil {
		m.Values["cpu"] = (after.CPU - at.CPU).Seconds() / float64(r.Answers)
	}
	m.memory(before, peak)
	return r, nil
}

// quantiles are the metrics that are a percentile of all answers of a round.
var quantiles = map[string]float64{"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}

// noteworthySize is the content from which bytes a second are worth a column.
const noteworthySize = 64 << 10

// memory is left out where the system does not tell it.
func (m *Measurement) memory(before, peak process.Usage) {
	if peak.Memory == 0 {
		return
	}
	m.Values["memory"] = float64(peak.Memory)
	m.Values["memory_growth"] = float64(max(peak.Memory-before.Memory, 0))
	m.Values["server_memory"] = float64(peak.Root)
	if peak.Largest > 0 {
		m.Values["worker_memory"] = float64(peak.Largest)
	}
}

func (m *Measurement) take(r *load.Result) {
	for kind, count := range r.Errors {
		m.Errors[kind] += count
	}
	if r.Note != "" {
		m.Notes = append(m.Notes, strings.TrimSpace(r.Note))
	}
}

// beside measures the same load with slow clients beside it.
func (b *bench) beside(ctx context.Context, m *Measurement, plan load.Plan, slow int) error {
	plan.Slow = slow
	r, err := b.generate(ctx, plan, func() {})
	if err != nil {
		return err
	}
	m.take(r)
	if alone := m.Values["rate"]; alone > 0 {
		m.Values["kept"] = float64(r.Answers) / r.Elapsed.Seconds() / alone
	}
	return nil
}

// openLoop measures latencies at a fixed rate.
func (b *bench) openLoop(ctx context.Context, m *Measurement, plan load.Plan, rate float64) error {
	plan.Rate, plan.WarmUp = rate, 0
	r, err := b.generate(ctx, plan, func() {})
	if err != nil {
		return err
	}
	m.take(r)
	m.Notes = append(m.Notes, fmt.Sprintf("at a fixed rate of %s requests/s", writeCount(rate)))
	if r.Answers == 0 {
		return nil
	}
	p50, p99 := r.Latencies.At(0.5).Seconds(), r.Latencies.At(0.99).Seconds()
	m.Values["open_p50"], m.Values["open_p99"], m.Values["open_p99_over_p50"] = p50, p99, p99/p50
	if r.Late.Seconds() > p50 {
		m.Notes = append(m.Notes, fmt.Sprintf("the load generator itself was up to %s late: the machine is too busy for this rate", writeTime(r.Late.Seconds())))
	}
	return nil
}

// idle measures what a connection costs that is held.
func (b *bench) idle(ctx context.Context, m *Measurement, plan load.Plan, connections int, running *peer.Process, before process.Usage) error {
	var with process.Usage
	plan.Connections, plan.Idle, plan.Duration = 0, connections, max(plan.Duration, idleTime)
	r, err := b.generate(ctx, plan, func() { with, _ = process.Tree(running.Pid()) })
	if err != nil {
		return err
	}
	m.take(r)
	m.Values["held"] = float64(r.Held)
	if r.Held < connections {
		m.Notes = append(m.Notes, fmt.Sprintf("%s of %s connections were held", writeCount(float64(r.Held)), writeCount(float64(connections))))
	}
	if r.Held > 0 && with.Memory > 0 {
		m.Values["idle_memory"] = float64(max(with.Memory-before.Memory, 0)) / float64(r.Held)
	}
	m.memory(before, with)
	return nil
}

// idleTime is for 10,000 connections to be opened.
const idleTime = 20 * time.Second

// watchMemory samples the memory of a tree until the returned function is called, which returns the peaks.
func watchMemory(pid int) (stop func() process.Usage) {
	var peak process.Usage
	done := make(chan struct{})
	var running sync.WaitGroup
	sample := func() {
		u, err := process.Tree(pid)
		if err != nil {
			return
		}
		peak.Memory, peak.Root, peak.Largest = max(peak.Memory, u.Memory), max(peak.Root, u.Root), max(peak.Largest, u.Largest)
	}
	running.Go(func() {
		for ticker := time.NewTicker(sampleEvery); ; {
			select {
			case <-done:
				ticker.Stop()
				sample()
				return
			case <-ticker.C:
				sample()
			}
		}
	})
	return func() process.Usage { close(done); running.Wait(); return peak }
}

// sampleEvery: reading /proc takes time from the server.
const sampleEvery = 250 * time.Millisecond

// firstAnswer asks until the application answers: a server may accept connections before it has loaded it.
func firstAnswer(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err == nil {
			response.Body.Close() // at once, however much is to come
			if response.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("the answer is %s", response.Status)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(askAgain):
		}
	}
}

const askAgain = 5 * time.Millisecond

// firstLines keep a message short.
func firstLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > shownLines {
		lines = append(lines[:1], lines[len(lines)-shownLines+1:]...)
	}
	return strings.Join(lines, "; ")
}

const shownLines = 4
