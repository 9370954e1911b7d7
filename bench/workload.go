package bench

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"glasswsgi/bench/load"
)

//go:embed workloads.toml
var workloadsFile string

// Workload is what is asked of every server.
type Workload struct {
	Name  string `toml:"name" json:"name"`
	Title string `toml:"title" json:"title"`
	Why   string `toml:"why" json:"why"`

	App     string      `toml:"app" json:"app"` // a file of apps/, without its bench_
	Path    string      `toml:"target_path" json:"path,omitempty"`
	Fields  [][2]string `toml:"fields" json:"fields,omitempty"`
	Upload  int64       `toml:"upload" json:"upload,omitempty"`
	Content int64       `toml:"content" json:"content"`     // bytes of each answer; -1: any
	Body    string      `toml:"body" json:"body,omitempty"` // the content, where it is short; then content is its length
	Close   bool        `toml:"close" json:"close,omitempty"`

	Connections int      `toml:"connections" json:"connections"`
	Workers     int      `toml:"workers" json:"workers"` // 0: what --workers says
	Threads     int      `toml:"threads" json:"threads"` // 0: what --threads says
	WarmUp      *float64 `toml:"warm_up" json:"-"`       // seconds; by default a fifth of the duration
	OpenShare   float64  `toml:"open_share" json:"open_share,omitempty"`
	Slow        int      `toml:"slow" json:"slow,omitempty"`
	Idle        int      `toml:"idle" json:"idle,omitempty"`

	Ideal     string   `toml:"ideal" json:"ideal,omitempty"` // requests a second that no server can exceed: see idealRate
	NeedsFile bool     `toml:"needs_file" json:"-"`
	Module    string   `toml:"module" json:"-"` // that Python must have
	Package   string   `toml:"package" json:"-"`
	Targets   []Target `toml:"target" json:"targets,omitempty"`
}

// Workloads reads workloads.toml.
func Workloads() ([]*Workload, error) {
	var file struct {
		Workload []*Workload `toml:"workload"`
	}
	decoded, err := toml.Decode(workloadsFile, &file)
	if err == nil {
		err = known(decoded)
	}
	if err != nil {
		return nil, fmt.Errorf("workloads.toml: %w", err)
	}
	for _, w := range file.Workload {
		if w.Path == "" {
			w.Path = "/"
		}
		if w.Body != "" {
			w.Content = int64(len(w.Body))
		}
	}
	return file.Workload, nil
}

func known(decoded toml.MetaData) error {
	if unknown := decoded.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("unknown key %v", unknown[0])
	}
	return nil
}

// yours is the workload of an application that the user names.
func yours(app, path string) *Workload {
	return &Workload{Name: "app", Title: app + ", kept connections", Why: "Your application.", App: "yours",
		Path: path, Content: -1, Connections: 32}
}

// idealRate is what the cores, or the waiting, allow.
func (w *Workload) idealRate(cores int) float64 {
	switch w.Ideal {
	case "1000 * workers": // a millisecond of CPU for each request
		return 1000 * float64(min(w.Workers, cores))
	case "20 * connections": // 50 ms of waiting for each request, in one of so many threads
		return 20 * float64(min(w.Connections, w.Workers*w.Threads))
	}
	return 0
}

// plan is the load of the closed loop.
func (w *Workload) plan(address string, o *Options) load.Plan {
	warmUp := max(o.Duration/5, leastWarmUp)
	if w.WarmUp != nil {
		warmUp = time.Duration(*w.WarmUp * float64(time.Second))
	}
	return load.Plan{Address: address, Target: w.Path, Fields: w.Fields, Upload: w.Upload, Content: w.Content, Body: w.Body,
		Close: w.Close, Connections: w.Connections, WarmUp: warmUp, Duration: o.Duration, Requests: o.Requests,
		Patience: patience}
}

const (
	leastWarmUp = 200 * time.Millisecond
	patience    = 30 * time.Second // for each answer
)

// Names are those of workloads, in their order.
func Names(workloads []*Workload) (names []string) {
	for _, w := range workloads {
		names = append(names, w.Name)
	}
	return names
}

// choose keeps what was asked for, by name or by the beginning of a name ("gunicorn" is all of gunicorn's).
func choose[T any](what string, all []T, name func(T) string, wanted []string) ([]T, error) {
	if len(wanted) == 0 {
		return all, nil
	}
	var names []string
	for _, item := range all {
		names = append(names, name(item))
	}
	for _, want := range wanted {
		if !slices.ContainsFunc(names, func(n string) bool { return matches(n, want) }) {
			return nil, fmt.Errorf("--%s %s: there is %s", what, want, strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(item T) bool {
		exact := slices.ContainsFunc(wanted, func(want string) bool { return strings.EqualFold(name(item), want) })
		return !exact && !slices.ContainsFunc(wanted, func(want string) bool {
			return !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, want) }) && matches(name(item), want)
		})
	}), nil
}

func matches(name, want string) bool {
	return strings.HasPrefix(strings.ToLower(name), strings.ToLower(want))
}
