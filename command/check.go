package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/signal"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"glasswsgi/check"
)

// checkCommand is `glass check`: how correct is a server?
type checkCommand struct {
	Server       []string `arg:"" optional:"" name:"server" help:"The URL of a server that runs the probe application; or after -- a command that starts one, in which {port} and {app} (or {module}, {dir}) are filled in."`
	Only         []string `sep:"," placeholder:"ID" help:"Run the probes with these ids, beginnings of ids, or patterns such as 'rfc9112-6*'; may be repeated."`
	Keyword      []string `sep:"," placeholder:"MUST" help:"Run the probes of rules with this keyword: MUST, SHOULD or MAY."`
	Jobs         int      `default:"8" help:"Probes at the same time. One, where the server serves one connection at a time."`
	Timeout      seconds  `default:"5" help:"Seconds that a probe waits for each answer."`
	ServerOutput bool     `help:"Print the last messages of the server that the command started."`
	Peers        bool     `help:"Check glass and the servers that people compare it with, as far as they are installed, and print docs/CONFORMANCE.md."`
	List         bool     `help:"List the probes and end."`
	Explain      string   `placeholder:"ID" help:"Show everything about a probe and end."`
	JSON         bool     `name:"json" help:"Print the results as JSON."`
	JUnit        string   `name:"junit" placeholder:"FILE" help:"Write the results to a file in JUnit's format."`
	HTML         string   `name:"html" placeholder:"FILE" help:"Write the results to a page for a browser, one file, that filters and shows the bytes of each probe."`
}

// Validate is called by kong before Run.
func (c *checkCommand) Validate() error {
	if c.Jobs <= 0 || c.Timeout <= 0 {
		return errors.New("--jobs and --timeout must be more than 0")
	}
	for _, keyword := range c.Keyword {
		if !slices.Contains([]string{"MUST", "SHOULD", "MAY"}, keyword) {
			return fmt.Errorf("--keyword is MUST, SHOULD or MAY, not %q", keyword)
		}
	}
	if len(c.Server) == 0 && !c.List && !c.Peers && c.Explain == "" {
		return errors.New(`say which server to check: http://127.0.0.1:8000, or -- and a command such as gunicorn -b 127.0.0.1:{port} {module}`)
	}
	if len(c.Server) > 0 && !isURL(c.Server[0]) && !strings.Contains(strings.Join(c.Server, " "), "{port}") {
		return fmt.Errorf("%s is neither a URL nor a command with {port} in it, where the server is to listen", strings.Join(c.Server, " "))
	}
	return nil
}

func isURL(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") }

// Run checks a server, and ends with 1 where a MUST is broken.
func (c *checkCommand) Run() error {
	probes, err := check.Load()
	if err != nil {
		return err
	}
	if c.Explain != "" {
		return explainProbe(probes, c.Explain)
	}
	if probes, err = c.selected(probes); err != nil {
		return err
	}
	if c.List {
		check.List(os.Stdout, probes)
		return nil
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.Peers {
		return c.peers(ctx, probes)
	}
	target, results, err := c.check(ctx, c.Server, probes)
	if err != nil {
		return err
	}
	return c.report(target, results)
}

// check runs the probes on one server: at a URL, or started by a command.
func (c *checkCommand) check(ctx context.Context, command []string, probes []*check.Probe) (check.Target, []check.Result, error) {
	var server *check.Server
	var err error
	target := check.Target{Timeout: time.Duration(c.Timeout), Jobs: c.Jobs}
	if isURL(command[0]) {
		target.Address, err = address(command[0])
	} else if server, err = check.Start(ctx, command); err == nil {
		defer server.Stop()
		target.Address = server.Address
	}
	if err == nil {
		err = prepare(&target)
	}
	if err != nil {
		return target, nil, err
	}
	results := target.Run(ctx, probes, func(check.Result) {})
	if err := ctx.Err(); err != nil {
		return target, nil, err
	}
	if server != nil && server.Ended() {
		return target, nil, fmt.Errorf("the server ended while it was being checked; its last words:\n%s", server.Output())
	}
	if server != nil && c.ServerOutput {
		fmt.Fprint(os.Stderr, server.Output())
	}
	return target, results, nil
}

// peers checks one server after the other, and prints the page.
func (c *checkCommand) peers(ctx context.Context, probes []*check.Probe) error {
	glass, err := os.Executable()
	if err != nil {
		return err
	}
	peers, err := check.Peers(glass)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	places := make(chan struct{}, peersAtATime)
	for _, peer := range peers {
		if peer.Found == "" {
			fmt.Fprintf(os.Stderr, "glass: %s is not installed\n", peer.Name)
			continue
		}
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			begun := time.Now()
			c.peer(ctx, peer, probes)
			fmt.Fprintf(os.Stderr, "glass: %s %s checked in %v\n", peer.Name, peer.Found, time.Since(begun).Round(time.Second))
		})
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	check.WriteConformance(os.Stdout, probes, peers)
	return c.writeHTML(fmt.Sprintf("%d servers", len(check.Found(peers))), probes, check.Found(peers))
}

// writeHTML is --html.
func (c *checkCommand) writeHTML(title string, probes []*check.Probe, peers []*check.Peer) error {
	if c.HTML == "" {
		return nil
	}
	return toFile("--html", c.HTML, func(w io.Writer) error { return check.WriteHTML(w, title, probes, peers) })
}

// toFile writes the file that a flag names.
func toFile(flag, path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// peersAtATime is how many servers are checked at the same time: most of it is waiting.
const peersAtATime = 6

// peer checks one server, started anew for each group of rules: one that hangs or dies over a rule is not blamed for the
// others.
func (c *checkCommand) peer(ctx context.Context, peer *check.Peer, probes []*check.Probe) {
	peer.Results = make([]check.Result, len(probes))
	places := map[string][]int{}
	for i, p := range probes {
		places[p.Group()] = append(places[p.Group()], i)
	}
	for _, group := range slices.Sorted(maps.Keys(places)) {
		var of []*check.Probe
		for _, i := range places[group] {
			of = append(of, probes[i])
		}
		_, results, err := c.check(ctx, peer.Command, of)
		if ctx.Err() != nil {
			return
		}
		for n, i := range places[group] {
			if err == nil {
				peer.Results[i] = results[n]
			} else {
				peer.Results[i] = c.alone(ctx, peer, probes[i])
			}
		}
	}
}

// alone checks a server that died over one of several probes by one of them.
func (c *checkCommand) alone(ctx context.Context, peer *check.Peer, probe *check.Probe) check.Result {
	_, results, err := c.check(ctx, peer.Command, []*check.Probe{probe})
	if err != nil {
		return check.Result{Probe: probe, Outcome: check.Failed, Err: err}
	}
	return results[0]
}

func explainProbe(probes []*check.Probe, id string) error {
	for _, p := range probes {
		if p.ID == id {
			check.Explain(os.Stdout, p)
			return nil
		}
	}
	return fmt.Errorf("there is no probe %s: glass check --list shows them", id)
}

// selected are the probes that --only and --keyword leave.
func (c *checkCommand) selected(probes []*check.Probe) ([]*check.Probe, error) {
	for _, pattern := range c.Only {
		if !slices.ContainsFunc(probes, func(p *check.Probe) bool { return matches(p.ID, pattern) }) {
			return nil, fmt.Errorf("--only %s: there is no such probe; glass check --list shows them", pattern)
		}
	}
	return slices.DeleteFunc(probes, func(p *check.Probe) bool {
		wanted := len(c.Only) == 0 || slices.ContainsFunc(c.Only, func(pattern string) bool { return matches(p.ID, pattern) })
		return !wanted || len(c.Keyword) > 0 && !slices.Contains(c.Keyword, p.Keyword)
	}), nil
}

// matches: a pattern matches a whole id, anything else its beginning.
func matches(id, pattern string) bool {
	matched, err := path.Match(pattern, id)
	return err == nil && matched || strings.HasPrefix(id, pattern)
}

// prepare finds out what a server can be asked.
func prepare(t *check.Target) (err error) {
	if t.Application, err = check.FindApplication(t.Address, max(t.Timeout, startTimeout)); err != nil {
		return fmt.Errorf("asked http://%s/probe: %w", t.Address, err)
	}
	if !t.Application {
		fmt.Fprintf(os.Stderr, "glass: http://%s/probe is not answered by the probe application: only the probes that need no application run\n", t.Address)
	}
	if t.Single = check.OneAtATime(t.Address); t.Single && t.Jobs > 1 {
		t.Jobs = 1
		fmt.Fprintln(os.Stderr, "glass: the server serves one connection at a time: the probes run one after the other")
	}
	return nil
}

// startTimeout is for a server that accepts connections before it has loaded its application.
const startTimeout = 30 * time.Second

func address(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", err
	case u.Scheme != "http":
		return "", fmt.Errorf("%s: the probes speak no TLS; check the server behind it", text)
	case u.Port() == "":
		return u.Hostname() + ":80", nil
	}
	return u.Host, nil
}

func (c *checkCommand) report(t check.Target, results []check.Result) error {
	if c.JUnit != "" {
		if err := toFile("--junit", c.JUnit, func(w io.Writer) error { return check.WriteJUnit(w, results) }); err != nil {
			return err
		}
	}
	peer := &check.Peer{Name: "the server", Results: results}
	var probes []*check.Probe
	for _, r := range results {
		probes = append(probes, r.Probe)
	}
	if err := c.writeHTML(strings.Join(c.Server, " "), probes, []*check.Peer{peer}); err != nil {
		return err
	}
	if c.JSON {
		if err := check.WriteJSON(os.Stdout, t, results); err != nil {
			return err
		}
	} else {
		check.Report(os.Stdout, results)
	}
	if slices.ContainsFunc(results, check.Result.Failing) {
		return silentExit(exitFailed)
	}
	return nil
}
