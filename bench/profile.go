package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/google/pprof/profile"

	"glasswsgi/bench/load"
	"glasswsgi/bench/process"
	"glasswsgi/check/peer"
)

// Profile is what the CPU time of a request goes to on glass, found in a run of its own. Shares add up to CPU.
type Profile struct {
	CPU      float64            `json:"cpu"`      // seconds a request, of glass and its workers, by the kernel's count
	Shares   map[string]float64 `json:"shares"`   // of these, by the key of the Category
	Samples  int64              `json:"samples"`  // of the server
	Seen     float64            `json:"seen"`     // of the server's CPU time, what the profiler saw: 1 is all
	Requests float64            `json:"requests"` // in the time that was profiled
	Rate     float64            `json:"rate"`     // with the profiler
	Overhead float64            `json:"overhead"` // the share of the throughput that it costs
}

// Part is a row of the profile.
type Part struct {
	Category
	Seconds float64 // of a request
	Share   float64 // of all of it
}

// Parts are the categories that the CPU time of a request has gone to, in their order.
func (p *Profile) Parts() (parts []Part) {
	for _, c := range Categories {
		if seconds := p.Shares[c.Key]; seconds > 0 {
			parts = append(parts, Part{c, seconds, seconds / p.CPU})
		}
	}
	return parts
}

// Worker is what of it the workers take.
func (p *Profile) Worker() (seconds float64) {
	for _, key := range workerCategories {
		seconds += p.Shares[key]
	}
	return seconds
}

// Largest is the category of the server, without the worker, that takes most.
func (p *Profile) Largest() (largest Part) {
	for _, part := range p.Parts() {
		if part.Seconds > largest.Seconds && !slices.Contains(workerCategories, part.Key) && part.Key != unseen {
			largest = part
		}
	}
	return largest
}

// profile runs the workload once more on glass, with its profiler.
func (b *bench) profile(ctx context.Context, result *WorkloadResult) {
	if result.Idle > 0 {
		result.NoProfile = "while connections are idle there is no request to divide CPU time by"
		return
	}
	if _, err := process.Split(1); errors.Is(err, process.ErrUnknown) {
		result.NoProfile = err.Error()
		return
	}
	rate := Estimated(result.values(subject, "rate")).Mean
	p, err := b.takeProfile(ctx, result.Workload, b.window(rate))
	if err != nil {
		if ctx.Err() == nil {
			result.NoProfile = firstLines(err.Error())
		}
		return
	}
	if rate > 0 {
		p.Overhead = max(1-p.Rate/rate, 0)
	}
	result.Profile = p
}

// How long a profile takes.
const (
	leastProfiled    = time.Second // the profiler takes whole ones, and a hundred samples in each that a core is used
	mostProfiled     = 30 * time.Second
	profiledRequests = 10 // as many as these should be answered meanwhile
)

// window is how long the workload is profiled: as long as a measurement, longer where requests are long, and no longer
// than it takes to see enough where --requests ends measurements sooner.
func (b *bench) window(rate float64) time.Duration {
	window := b.Duration
	if b.Requests > 0 {
		window = leastProfiled
	}
	if rate > 0 {
		window = max(window, time.Duration(profiledRequests/rate*float64(time.Second)))
	}
	window = min(max(window, leastProfiled), mostProfiled)
	return time.Duration(math.Ceil(window.Seconds())) * time.Second
}

func (b *bench) takeProfile(ctx context.Context, w *Workload, window time.Duration) (*Profile, error) {
	glass := b.report.Servers[slices.IndexFunc(b.report.Servers, func(s *Server) bool { return s.Name == subject })]
	command := append(slices.Clone(glass.Command), "--pprof", "127.0.0.1:0")
	running, err := peer.Start(ctx, glass.fill(b.Options, command), b.scene.fill(w), b.scene.environ(b.Options, ""))
	if err != nil {
		return nil, err
	}
	defer running.Stop()
	if err := firstAnswer(ctx, running.Address+w.Path); err != nil {
		return nil, err
	}
	address := profilesAt.FindStringSubmatch(running.Output())
	if address == nil {
		return nil, errors.New("glass does not say where its profiles are:\n" + running.Output())
	}
	plan := w.plan(running.Address, b.Options)
	plan.WarmUp, plan.Duration, plan.Requests = min(plan.WarmUp, window), window, 0
	taken := make(chan taken, 1)
	begun := false
	r, err := b.generate(ctx, plan, func() { begun = true; go func() { taken <- take(ctx, address[1], running.Pid(), window) }() })
	if !begun {
		return nil, errors.Join(errors.New("the load generator did not begin"), err)
	}
	t := <-taken
	if err := errors.Join(err, t.err); err != nil {
		return nil, err
	}
	return newProfile(t, window, r)
}

// profilesAt is how glass tells the address of --pprof.
var profilesAt = regexp.MustCompile(`pprof=(http://\S+)`)

// taken is a profile, and the CPU time that the kernel counted meanwhile.
type taken struct {
	profile *profile.Profile
	cpu     process.Parts
	err     error
}

// take has the profiler and the kernel count for the same time.
func take(ctx context.Context, address string, pid int, window time.Duration) (t taken) {
	ctx, cancel := context.WithTimeout(ctx, window+patience)
	defer cancel()
	counted := make(chan error, 1)
	go func() {
		before, err := process.Split(pid)
		select {
		case <-time.After(window):
		case <-ctx.Done():
		}
		after, errAfter := process.Split(pid) // before the profile is written, which costs glass something, too
		t.cpu = process.Parts{First: after.First.Sub(before.First), Others: after.Others.Sub(before.Others)}
		counted <- errors.Join(err, errAfter)
	}()
	profile, err := fetchProfile(ctx, fmt.Sprintf("%sprofile?seconds=%.0f", address, window.Seconds()))
	t.profile, t.err = profile, errors.Join(<-counted, err)
	return t
}

func fetchProfile(ctx context.Context, address string) (*profile.Profile, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, response.Status)
	}
	return profile.Parse(response.Body)
}

// newProfile divides what the kernel has counted by the requests: the workers' part as it is, the server's as the
// profiler has seen it. What the profiler saw beyond the kernel's count is left out, in proportion.
func newProfile(t taken, window time.Duration, r *load.Result) (*Profile, error) {
	total := t.cpu.First.All() + t.cpu.Others.All()
	if r.Answers == 0 || total <= 0 {
		return nil, fmt.Errorf("%d requests were answered, with %v of CPU time: nothing can be divided", r.Answers, total)
	}
	p := &Profile{Shares: map[string]float64{}, Rate: float64(r.Answers) / r.Elapsed.Seconds()}
	p.Requests = p.Rate * window.Seconds()
	p.CPU = total.Seconds() / p.Requests
	p.Shares["worker_user"] = t.cpu.Others.User.Seconds() / p.Requests
	p.Shares["worker_system"] = t.cpu.Others.System.Seconds() / p.Requests

	found, samples := categorize(t.profile)
	sum := 0.0
	for _, seconds := range found {
		sum += seconds
	}
	p.Samples = samples
	server := t.cpu.First.All().Seconds()
	if server > 0 {
		p.Seen = sum / server
	}
	for key, seconds := range found {
		p.Shares[key] = seconds / max(p.Seen, 1) / p.Requests
	}
	p.Shares[unseen] = server * max(1-p.Seen, 0) / p.Requests
	return p, nil
}
