package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/term"

	"glasswsgi/bench"
	"glasswsgi/bench/load"
	"glasswsgi/runtime/cpython"
	"glasswsgi/runtime/cpython/embedded"
)

// benchCommand is `glass bench`: how fast is a server, compared with others?
type benchCommand struct {
	App string `arg:"" optional:"" name:"app" help:"MODULE:CALLABLE or FILE.py[:CALLABLE] to measure; our own workloads by default."`

	Servers   []string `sep:"," placeholder:"NAME" help:"Servers to compare, by name or the beginning of one; all that are installed by default."`
	Command   []string `sep:"none" placeholder:"NAME=COMMAND" help:"A server of your own, to compare: loop='python3 server.py {port}'. {embedded} is the Python of wsgiref. With {module} or {file} it serves the application of each workload; without, it answers / with \"Hello, world\" and LF itself."`
	Workloads []string `sep:"," placeholder:"NAME" help:"Workloads to run; all by default."`
	Path      string   `default:"/" help:"What to ask APP for."`
	Python    string   `default:"embedded" placeholder:"PATH" help:"The Python to run glass, wsgiref and the other servers in; by default glass and wsgiref use the embedded one, and each of the others the first python3 on PATH that has it, or the embedded one."`

	Rounds      int     `default:"5" help:"Rounds, in each of which every server has its turn."`
	Duration    seconds `default:"5" help:"Seconds of each measurement, behind a warm-up of a fifth of it."`
	Requests    int64   `placeholder:"N" help:"End a measurement after so many requests, if that comes sooner."`
	Connections int     `placeholder:"N" help:"Connections of the load generator; by default as the workload has it."`
	Workers     int     `short:"w" default:"1" help:"Worker processes of each server that has some."`
	Threads     int     `default:"1" help:"Threads of each worker."`
	Rate        float64 `placeholder:"N" help:"Measure latencies at a fixed rate of requests a second, too."`
	FileSize    int64   `default:"1073741824" placeholder:"BYTES" help:"Size of the file of the workload \"file\"."`
	Steps       bool    `default:"true" negatable:"" help:"Find out where the time of a request goes on glass, and its CPU time, in runs of their own."`
	Targets     bool    `help:"Say whether glass reaches the targets that its own developers have set it, and what stands in the way."`
	Quick       bool    `help:"Two short rounds, to see whether all works: no figures to rely on."`

	Out     string   `placeholder:"DIR" help:"Write report.html, report.md, report.json and charts to a folder."`
	JSON    bool     `name:"json" help:"Print the report as JSON."`
	List    bool     `help:"List the servers and the workloads, and end."`
	Compare []string `sep:"none" placeholder:"FILE" help:"Compare two files report.json, given one after the other, and end."`
}

// Validate is called by kong before Run.
func (c *benchCommand) Validate() error {
	if c.comparing() {
		if c.Compare = append(c.Compare, c.App); len(c.Compare) != 2 || c.App == "" {
			return errors.New("--compare takes two files: glass bench --compare before/report.json after/report.json")
		}
		c.App = ""
		return nil
	}
	if c.Quick {
		c.Rounds, c.Duration = quickRounds, seconds(quickDuration)
	}
	o := c.options()
	return o.Validate()
}

func (c *benchCommand) comparing() bool { return len(c.Compare) > 0 }

// What --quick means.
const (
	quickRounds   = 2
	quickDuration = 500 * time.Millisecond
)

func (c *benchCommand) options() *bench.Options {
	return &bench.Options{Version: version + revision(), Python: c.Python, App: c.App, Path: c.Path,
		Servers: c.Servers, Commands: c.Command, Workloads: c.Workloads, Rounds: c.Rounds, Duration: time.Duration(c.Duration), Requests: c.Requests,
		Connections: c.Connections, Workers: c.Workers, Threads: c.Threads, Rate: c.Rate, FileSize: c.FileSize, Steps: c.Steps, Targets: c.Targets}
}

// Run measures, and reports.
func (c *benchCommand) Run() error {
	if c.comparing() {
		return c.compare(os.Stdout)
	}
	o := c.options()
	if err := c.findPythons(o); err != nil {
		return err
	}
	if c.List {
		return bench.List(os.Stdout, o)
	}
	if c.Out != "" { // before all the work, not after it
		if err := os.MkdirAll(c.Out, 0o755); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	live := bench.NewLive(os.Stderr, width(os.Stderr), os.Getenv("NO_COLOR") == "")
	report, err := bench.Run(ctx, o, live.Tell)
	live.End()
	if err != nil {
		return err
	}
	report.CommandLine = append([]string{"glass"}, os.Args[1:]...)
	if err := c.write(report); err != nil {
		return err
	}
	if !report.Complete {
		return silentExit(exitFailed)
	}
	return nil
}

// width is that of the terminal, or 0 where there is none.
func width(file *os.File) int {
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

func (c *benchCommand) write(report *bench.Report) error {
	if c.Out != "" {
		if err := report.WriteFolder(c.Out); err != nil {
			return fmt.Errorf("--out %s: %w", c.Out, err)
		}
		fmt.Fprintf(os.Stderr, "glass: the report is in %s: report.html, report.md, report.json and charts\n", c.Out)
	}
	if c.JSON {
		return report.WriteJSON(os.Stdout)
	}
	return report.WriteText(os.Stdout)
}

// findPythons looks for the Pythons that servers run in.
func (c *benchCommand) findPythons(o *bench.Options) (err error) {
	if o.Glass, err = os.Executable(); err != nil {
		return err
	}
	interpreter, _, err := cpython.Find(c.Python, "", func() (cpython.Interpreter, error) { return embedded.Unpack(os.Stderr) })
	if err != nil {
		return err
	}
	o.Interpreter, o.Environ = interpreter.Path, interpreter.Env
	o.Peers = []string{o.Interpreter}
	if c.Python == "embedded" {
		o.Peers = append(pythonsOnPath(), o.Interpreter)
	}
	return nil
}

// pythonsOnPath are all of them: the first need not be the one that has the servers.
func pythonsOnPath() (found []string) {
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(folder, "python3")); err == nil {
			found = append(found, path)
		}
	}
	return found
}

func (c *benchCommand) compare(w io.Writer) error {
	var reports []*bench.Report
	for _, path := range c.Compare {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("--compare: %w", err)
		}
		report, err := bench.ReadReport(file)
		file.Close()
		if err != nil {
			return fmt.Errorf("--compare %s: %w", path, err)
		}
		reports = append(reports, report)
	}
	return bench.WriteComparison(w, reports[0], reports[1])
}

// benchLoadCommand is a process of its own, so that its CPU time is counted with nothing else.
type benchLoadCommand struct{}

// Run generates load until its plan is done.
func (c *benchLoadCommand) Run() error {
	// Ctrl-C is for the bench, which ends this process.
	signal.Ignore(os.Interrupt)
	return load.Main(context.Background(), os.Stdin, os.Stdout)
}
