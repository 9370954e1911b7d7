package bench

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"glasswsgi/bench/load"
	"glasswsgi/check/peer"
)

// ceiling asks the smallest application in Go as fast as the load generator can: no server can seem faster than that.
func (b *bench) ceiling(ctx context.Context) {
	w := &Workload{App: "hello", Path: "/", Content: 13, Connections: max(b.Connections, ceilingConnections), Workers: 1, Threads: 1}
	running, err := peer.Start(ctx, []string{b.Glass, "serve", "--bind", "127.0.0.1:{port}", "go:hello"},
		b.scene.fill(w), b.scene.environ(b.Options, ""))
	if err != nil {
		b.report.Remarks = append(b.report.Remarks, "What the load generator can do is not known: "+firstLines(err.Error()))
		return
	}
	defer running.Stop()
	r, err := b.generate(ctx, w.plan(running.Address, b.Options), func() {})
	if err != nil || r.Answers == 0 {
		return
	}
	b.report.Ceiling = float64(r.Answers) / r.Elapsed.Seconds()
}

const ceilingConnections = 32

// StepTimesFlag is the hidden flag of `glass serve` that has the Steps timed, and names the file for what came of it.
const StepTimesFlag = "--step-times"

// whereTimeGoes runs the workload once more on glass, with an observer that times the Steps.
func (b *bench) whereTimeGoes(ctx context.Context, result *WorkloadResult) {
	where, err := b.timeSteps(ctx, result.Workload)
	if err != nil {
		if ctx.Err() == nil {
			b.report.Remarks = append(b.report.Remarks, result.Title+": where the time goes is not known: "+firstLines(err.Error()))
		}
		return
	}
	if rate := Estimated(result.values(subject, "rate")).Mean; rate > 0 {
		where.Overhead = max(1-where.Rate/rate, 0)
	}
	result.Where = where
}

func (b *bench) timeSteps(ctx context.Context, w *Workload) (*Where, error) {
	glass := b.report.Servers[slices.IndexFunc(b.report.Servers, func(s *Server) bool { return s.Name == subject })]
	path := filepath.Join(b.scene.folder, "steps.json")
	command := append(slices.Clone(glass.Command), StepTimesFlag, path)
	running, err := peer.Start(ctx, glass.fill(b.Options, command), b.scene.fill(w), b.scene.environ(b.Options, ""))
	if err != nil {
		return nil, err
	}
	var r *load.Result
	if err = firstAnswer(ctx, running.Address+w.Path); err == nil {
		r, err = b.generate(ctx, w.plan(running.Address, b.Options), func() {})
	}
	running.Stop()
	if err != nil {
		return nil, err
	}
	defer os.Remove(path)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	where := &Where{Rate: float64(r.Answers) / r.Elapsed.Seconds()}
	return where, json.Unmarshal(text, &where.Times)
}
