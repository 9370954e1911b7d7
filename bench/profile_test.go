package bench

import (
	"bytes"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"glasswsgi/bench/load"
	"glasswsgi/bench/process"
)

const (
	syscall6 = "internal/runtime/syscall/linux.Syscall6 syscall.RawSyscall6 syscall.Syscall "
	socket   = syscall6 + "syscall.write internal/poll.(*FD).Write net.(*conn).Write "
	served   = " glasswsgi/server.(*exchange).respond glasswsgi/server.(*exchange).serve glasswsgi/server.(*connection).serve"
)

// raw is a system call of the loop, which looped runs.
const (
	raw    = "internal/runtime/syscall/linux.Syscall6 syscall.RawSyscall6 "
	looped = " glasswsgi/server/loop.(*Loop).run glasswsgi/server/loop.(*Loop).start.gowrap1"
)

// stacks are of the kinds that there are, the innermost function first.
var stacks = []struct{ stack, category string }{
	{socket + "glasswsgi/server.(*assembler).flush" + served, "send"},
	{syscall6 + "syscall.sendfile internal/poll.SendFile net.sendFile io.CopyN glasswsgi/server.(*assembler).SendFile" + served, "send"},
	{syscall6 + "internal/poll.writev internal/poll.(*FD).Writev glasswsgi/server.(*assembler).flush" + served, "send"},
	{socket + "glasswsgi/runtime/cpython.(*worker).writeNow glasswsgi/runtime/cpython.(*Pool).Call" + served, "channel"},
	{syscall6 + "syscall.recvmsg internal/poll.(*FD).ReadMsg glasswsgi/runtime/cpython.(*fileReader).Read", "channel"},
	{syscall6 + "syscall.read internal/poll.(*FD).Read net.(*conn).Read glasswsgi/server.(*connection).receive glasswsgi/server.(*connection).serve", "receive"},
	{syscall6 + "syscall.close internal/poll.(*FD).destroy internal/poll.(*FD).Close net.(*netFD).Close glasswsgi/server.(*connection).serve", "connections"},
	{"internal/runtime/syscall/linux.Syscall6 internal/runtime/syscall/linux.EpollWait runtime.netpoll runtime.findRunnable runtime.schedule runtime.park_m runtime.mcall", "waiting"},
	{"runtime.futex runtime.futexwakeup runtime.notewakeup runtime.ready runtime.send runtime.chansend glasswsgi/runtime/cpython.(*mailbox).wake", "waiting"},
	{"runtime.usleep runtime.sysmon runtime.mstart1 runtime.mstart", "waiting"},
	{"runtime.(*timer).modify internal/poll.runtime_pollSetDeadline internal/poll.setDeadlineImpl glasswsgi/server.(*assembler).flush" + served, "waiting"},
	{"runtime.nextFreeFast runtime.mallocgc runtime.newobject glasswsgi/runtime/wsgi.NewEnviron glasswsgi/server.(*exchange).environ" + served, "memory"},
	{"runtime.scanObject runtime.gcDrain runtime.systemstack runtime.gcBgMarkWorker", "memory"},
	{"runtime.futex runtime.notesleep runtime.gcMarkDone runtime.mallocgc glasswsgi/parser.New", "memory"},
	{"runtime.memmove runtime.growslice glasswsgi/runtime/cpython.appendFrame", "memory"},
	{"runtime.memmove glasswsgi/runtime/cpython.appendFrame", "runtime"},
	{"bytes.IndexByte glasswsgi/parser.parseFieldLine glasswsgi/parser.(*Parser).Next glasswsgi/server.(*exchange).receiveHead", "parser"},
	{"runtime.mapaccess1 glasswsgi/runtime/wsgi.(*Environ).addField glasswsgi/runtime/wsgi.NewEnviron glasswsgi/server.(*exchange).environ" + served, "environ"},
	{"strings.EqualFold glasswsgi/runtime/wsgi.checkHeaders glasswsgi/runtime/wsgi.(*Response).StartResponse glasswsgi/runtime/cpython.(*call).start" + served, "response"},
	{"glasswsgi/server.appendField glasswsgi/server.(*assembler).SendHead" + served, "response"},
	{"time.Now glasswsgi/server.(*exchange).receiveRequest", "exchange"},
	{"runtime.memmove runtime/pprof.(*profileBuilder).build runtime/pprof.profileWriter", "profiler"},
	{"runtime.mallocgc net/http.(*conn).serve", "profiler"},
	{raw + "glasswsgi/server/loop.send glasswsgi/server/loop.(*connection).answer" + looped, "send"},
	{raw + "glasswsgi/server/loop.read glasswsgi/server/loop.(*connection).readable" + looped, "receive"},
	{raw + "glasswsgi/server/loop.(*Loop).look glasswsgi/server/loop.(*Loop).wait" + looped, "waiting"},
	{raw + "golang.org/x/sys/unix.Accept4 glasswsgi/server/loop.(*Loop).accept" + looped, "connections"},
	{raw + "glasswsgi/runtime/cpython.writeNoWait.func1 glasswsgi/runtime/cpython.(*lane).Send" + looped, "channel"},
	{"runtime.memmove glasswsgi/server/loop.(*knownHead).append glasswsgi/server/loop.(*request).Answered" + looped, "response"},
	{"runtime.memequal glasswsgi/server/loop.(*connection).repeats" + looped, "exchange"},
	{"main.main runtime.main", "rest"},
	{"", "rest"},
}

func TestCategoryOf(t *testing.T) {
	found := map[string]bool{}
	for _, row := range stacks {
		found[row.category] = true
		if got := categoryOf(strings.Fields(row.stack)); got != row.category {
			t.Errorf("%s: %s, not %s", row.stack, got, row.category)
		}
	}
	for _, c := range Categories {
		if ofStacks := len(c.Through)+len(c.Of) > 0; ofStacks && !found[c.Key] {
			t.Errorf("no stack is %s", c.Key)
		}
		if c.Title == "" || !strings.HasSuffix(c.Says, ".") {
			t.Errorf("%s: %q, %q", c.Key, c.Title, c.Says)
		}
	}
}

// handMade is a profile with one sample of 10 ms for each stack, in which the first two functions are one location: the
// first is inlined. It is written and read, as one that comes from a server.
func handMade(t *testing.T, stacks ...string) *profile.Profile {
	t.Helper()
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}}}
	for _, stack := range stacks {
		s := &profile.Sample{Value: []int64{1, 10e6}}
		for i, name := range strings.Fields(stack) {
			f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
			p.Function = append(p.Function, f)
			if i == 1 {
				s.Location[0].Line = append(s.Location[0].Line, profile.Line{Function: f})
				continue
			}
			l := &profile.Location{ID: uint64(len(p.Location) + 1), Line: []profile.Line{{Function: f}}}
			p.Location, s.Location = append(p.Location, l), append(s.Location, l)
		}
		p.Sample = append(p.Sample, s)
	}
	var text bytes.Buffer
	if err := p.Write(&text); err != nil {
		t.Fatal(err)
	}
	back, err := profile.Parse(&text)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// TestProfile: the parts add up to what the kernel counted, whether the profiler saw less or more.
func TestProfile(t *testing.T) {
	const ms = time.Millisecond
	seen := handMade(t, stacks[0].stack, stacks[0].stack, stacks[0].stack, stacks[11].stack)
	r := &load.Result{Answers: 400, Elapsed: 4 * time.Second}
	for _, row := range []struct {
		server              time.Duration
		send, memory, other float64 // µs a request
		seen                float64
	}{
		{40 * ms, 300, 100, 0, 1},
		{50 * ms, 300, 100, 100, 0.8},
		{20 * ms, 150, 50, 0, 2},
	} {
		p, err := newProfile(taken{profile: seen, cpu: process.Parts{First: process.Times{User: row.server}, Others: process.Times{User: 60 * ms, System: 40 * ms}}}, time.Second, r)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]float64{"worker_user": 600, "worker_system": 400, "send": row.send, "memory": row.memory, unseen: row.other}
		sum := 0.0
		for key, microseconds := range want {
			sum += p.Shares[key]
			if math.Abs(p.Shares[key]*1e6-microseconds) > 1e-6 {
				t.Errorf("%v: %s is %v", row.server, key, p.Shares[key])
			}
		}
		if !near(sum, p.CPU) || !near(p.CPU, (row.server+100*ms).Seconds()/100) || !near(p.Seen, row.seen) || p.Samples != 4 || !near(p.Worker(), 1e-3) {
			t.Errorf("%v: %+v", row.server, p)
		}
		if largest := p.Largest(); largest.Key != "send" {
			t.Errorf("%v: %s is the largest", row.server, largest.Key)
		}
	}
	if _, err := newProfile(taken{profile: seen}, time.Second, r); err == nil {
		t.Error("no CPU time was divided")
	}
}

// TestLimits: what stands in the way of a target, by who is the limit.
func TestLimits(t *testing.T) {
	const us = 1e-6
	for name, row := range map[string]struct {
		worker, server, generator float64 // a request
		rate, peerRate, peerCPU   float64
		target                    Target
		want                      string
	}{
		"the application": {815 * us, 98 * us, 20 * us, 1100, 1000, 1000 * us, Target{Metric: "rate", Against: "wsgiref", AtLeast: 1.3},
			"Of 913 µs of CPU time a request, 815 µs are the worker's (89 %). Most of the server's goes to sending to the client, in the kernel: 98.0 µs. Wsgiref takes 1.00 ms. A worker runs one thread of Python at a time: if all else cost nothing, at most 1,227 requests/s were possible, 1.23 × wsgiref."},
		"the cores": {8 * us, 12 * us, 20 * us, 50_000, 25_000, 18 * us, Target{Metric: "rate", Against: "wsgiref", AtLeast: 2.5},
			"The cores are full; 20.0 µs are the load generator's. The target allows 12.0 µs: 8.00 µs would have to go."},
		"the worker on full cores": {15 * us, 5 * us, 20 * us, 50_000, 25_000, 18 * us, Target{Metric: "rate", Against: "wsgiref", AtLeast: 2.5},
			"The target allows 12.0 µs, which is less than the worker alone."},
		"the generator": {2 * us, 2 * us, 36 * us, 50_000, 50_000, 2 * us, Target{Metric: "rate", Against: "wsgiref", AtLeast: 1.5},
			"The load generator takes 36.0 µs of the same cores for a request: here the target is out of reach for a server that costs nothing."},
		"nobody": {8 * us, 12 * us, 20 * us, 10_000, 10_000, 18 * us, Target{Metric: "rate", Against: "wsgiref", AtLeast: 2},
			"At 10,000 requests/s glass used 0.20 of 2 cores, and the load generator 0.20. It is not CPU time that is missing, unless others took the rest."},
		"CPU time": {8 * us, 12 * us, 20 * us, 10_000, 10_000, 8 * us, Target{Metric: "cpu", Against: "wsgiref", AtMost: 2},
			"Most of the server's goes to sending to the client, in the kernel: 12.0 µs. The target allows 16.0 µs: 4.00 µs would have to go."},
		"latency": {8 * us, 12 * us, 20 * us, 10_000, 10_000, 8 * us, Target{Metric: "p99", AtMost: 1e-9},
			"At 10,000 requests/s glass used 0.20 of 2 cores, and the load generator 0.20."},
		"memory": {8 * us, 12 * us, 20 * us, 10_000, 10_000, 8 * us, Target{Metric: "memory", AtMost: 1},
			"A profile of CPU time tells nothing about memory."},
	} {
		w := sample([]float64{row.rate}, []float64{row.peerRate}).Workloads[0]
		for _, m := range w.Measurements {
			m.Values["cpu"], m.Generator = row.peerCPU, 0.1
			if m.Server == subject {
				m.Values["cpu"], m.Generator = row.worker+row.server, row.generator*row.rate
			}
		}
		w.Targets, w.Limits = []Target{row.target}, nil
		w.Profile = &Profile{CPU: 2 * (row.worker + row.server), Shares: map[string]float64{"worker_user": 2 * row.worker, "send": 2 * row.server}}
		w.Limits = w.limits(2)
		if got := w.Verdicts()[0].Limit; !strings.HasSuffix(got, row.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestNoProfile says why there is none.
func TestNoProfile(t *testing.T) {
	idle := &WorkloadResult{Workload: &Workload{Idle: 10}}
	(&bench{}).profile(t.Context(), idle)
	if got := idle.ProfileText(); !strings.Contains(got, "is not known: while connections are idle") {
		t.Error(got)
	}
	if got := (&WorkloadResult{}).ProfileText(); got != "" {
		t.Error(got)
	}
}

// TestWindow: long enough to see something, and no longer than is needed.
func TestWindow(t *testing.T) {
	for _, row := range []struct {
		duration time.Duration
		requests int64
		rate     float64
		want     time.Duration
	}{
		{5 * time.Second, 0, 10_000, 5 * time.Second},
		{500 * time.Millisecond, 0, 10_000, time.Second},
		{time.Minute, 20, 10_000, time.Second},
		{time.Second, 0, 3, 4 * time.Second},
		{time.Minute, 0, 0.1, 30 * time.Second},
		{time.Second, 0, math.NaN(), time.Second},
	} {
		b := &bench{Options: &Options{Duration: row.duration, Requests: row.requests}}
		if got := b.window(row.rate); got != row.want {
			t.Errorf("%+v: %v", row, got)
		}
	}
}

// TestCategoryNames: what the table calls by name is there. A function that gets another name takes its time with it.
func TestCategoryNames(t *testing.T) {
	for _, c := range Categories {
		for _, beginning := range append(slices.Clone(c.Of), c.Through...) {
			path, ours := strings.CutPrefix(beginning, "glasswsgi/")
			if !ours {
				continue
			}
			dot := strings.LastIndex(path, "/") + 1
			dot += strings.Index(path[dot:], ".")
			if names := functionsOf(t, filepath.Join("..", path[:dot])); !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, path[dot+1:]) }) {
				t.Errorf("%s: no function is called %s", c.Key, beginning)
			}
		}
	}
}

// functionsOf are those of a folder, as a profile names them: "Linger", "(*Server).begin".
func functionsOf(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, path := range files {
		file, err := goparser.ParseFile(token.NewFileSet(), path, nil, goparser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			name := function.Name.Name
			if function.Recv != nil {
				if pointer, ok := function.Recv.List[0].Type.(*ast.StarExpr); ok {
					name = fmt.Sprintf("(*%v).%s", pointer.X, name)
				}
			}
			names = append(names, name)
		}
	}
	return names
}
