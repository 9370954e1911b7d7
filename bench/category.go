package bench

import (
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// Category is something that CPU time of a request is spent on. A sample of glass's own profile belongs to the first
// category whose conditions hold for its stack.
type Category struct {
	Key   string
	Title string
	Says  string // in a sentence, what it is

	Through []string // a function whose name begins so is on the stack
	Kernel  bool     // the stack ends in a system call
	Of      []string // the function of glass that is nearest to its end begins so

	Colour string // alike for what is alike
}

// Categories are all, in the order of tables and bars. The first two are not glass's own process, and the last is what no
// other is.
var Categories = []Category{
	{Key: "worker_user", Title: "worker and application", Colour: "#0072b2",
		Says: "Python's process in its own code: the application, and the worker that calls it."},
	{Key: "worker_system", Title: "worker, in the kernel", Colour: "#56b4e9",
		Says: "The kernel on behalf of Python's process: reading requests from the server, writing answers, what the application asks for."},

	{Key: "profiler", Title: "profiler", Colour: "#c8c8c8",
		Says:    "What this profile itself costs in the server.",
		Through: []string{"runtime/pprof.", "net/http"}},
	{Key: "memory", Title: "memory", Colour: "#cc79a7",
		Says: "Finding room for values, growing buffers and stacks, and collecting what is not needed any more.",
		Through: []string{"runtime.mallocgc", "runtime.growslice", "runtime.gc", "gcWriteBarrier", "runtime.wbBuf", "runtime.bgsweep", "runtime.bgscavenge",
			"runtime.sweepone", "runtime.(*mcache)", "runtime.(*mcentral)", "runtime.(*mheap)", "runtime.newstack", "runtime.copystack", "runtime.morestack"}},
	{Key: "connections", Title: "accepting and closing", Colour: "#999900",
		Says: "Taking connections from the listening socket, and ending them.",
		Through: []string{"net.(*TCPListener)", "net.(*UnixListener)", "net.(*netFD).accept", "net.(*netFD).Close", "internal/poll.(*FD).Close",
			"internal/poll.(*FD).Shutdown", "glasswsgi/server/front.Linger", "glasswsgi/server/loop.(*Loop).accept", "glasswsgi/server/loop.(*connection).close"}},
	{Key: "waiting", Title: "waiting and waking", Colour: "#8492a0",
		Says: "Go's scheduler: whose turn it is, channels, locks and timers, sleeping until the kernel has something, and waking others.",
		Through: []string{"runtime.mcall", "runtime.schedule", "runtime.findRunnable", "runtime.gopark", "runtime.goready", "runtime.ready", "runtime.futex",
			"runtime.note", "runtime.netpoll", "runtime.sysmon", "runtime.mstart", "runtime.chan", "runtime.select", "runtime.sema", "runtime.entersyscall",
			"runtime.exitsyscall", "runtime.reentersyscall", "runtime.(*timer", "runtime.usleep", "runtime.osyield", "runtime.gosched", "runtime.park_m",
			"internal/sync.runtime_", "sync.runtime_", "internal/poll.runtime_", "runtime.lock", "runtime.unlock", "runtime.acquireSudog", "runtime.releaseSudog",
			"glasswsgi/server/loop.(*Loop).wait", "glasswsgi/server/loop.(*Loop).look"}},

	{Key: "send", Title: "sending to the client, in the kernel", Colour: "#d55e00",
		Says:   "The system calls that hand responses to the network, or a file to it (sendfile); on loopback, they carry the bytes to the client, too.",
		Kernel: true, Through: []string{"internal/poll.(*FD).Write", "internal/poll.writev", "internal/poll.SendFile", "internal/poll.Splice", "glasswsgi/server/loop.send"}, Of: []string{"glasswsgi/server.", "glasswsgi/server/"}},
	{Key: "receive", Title: "receiving from it, in the kernel", Colour: "#e69f00",
		Says:   "The system calls that take requests and their bodies from the network.",
		Kernel: true, Through: []string{"internal/poll.(*FD).Read", "glasswsgi/server/loop.read"}, Of: []string{"glasswsgi/server.", "glasswsgi/server/"}},
	{Key: "channel", Title: "talking to the worker, in the kernel", Colour: "#f0c060",
		Says:   "The system calls that carry requests to the worker, and its answers back.",
		Kernel: true, Of: []string{"glasswsgi/runtime/cpython."}},

	{Key: "parser", Title: "parser", Colour: "#009e73",
		Says: "Bytes become a request: RFC 9112 (parser/).",
		Of:   []string{"glasswsgi/parser."}},
	{Key: "environ", Title: "environ", Colour: "#66c5ab",
		Says: "The request becomes the environ (runtime/wsgi/environ.go).",
		Of: []string{"glasswsgi/runtime/wsgi.NewEnviron", "glasswsgi/runtime/wsgi.(*Environ)", "glasswsgi/runtime/wsgi.(*Variable)", "glasswsgi/runtime/wsgi.VariableName",
			"glasswsgi/runtime/wsgi.contentLength", "glasswsgi/runtime/wsgi.PercentDecode", "glasswsgi/server/front.(*Config).Facts", "glasswsgi/server/front.(*Config).Origin"}},
	{Key: "runtime", Title: "runtime", Colour: "#7a5ca8",
		Says: "The environ becomes frames for the worker, its frames become the response (runtime/cpython/).",
		Of:   []string{"glasswsgi/runtime/cpython."}},
	{Key: "response", Title: "response", Colour: "#b39dd3",
		Says: "PEP 3333's rules for the response, and the bytes made of it (runtime/wsgi/response.go, server/assembler.go).",
		Of:   []string{"glasswsgi/runtime/wsgi.", "glasswsgi/server.(*assembler)", "glasswsgi/server.append", "glasswsgi/server.AppendHead", "glasswsgi/server/loop.(*knownHead)", "glasswsgi/server/loop.(*assembler)", "glasswsgi/server/front.HTTPDate", "glasswsgi/server/front.ChooseFraming"}},
	{Key: "exchange", Title: "exchange", Colour: "#8c6d46",
		Says: "What else is done for each request: clocks and deadlines, buffers, the order of it all (server/exchange.go and its neighbours).",
		Of:   []string{"glasswsgi/server.", "glasswsgi/server/"}},
	{Key: "rest", Title: "the rest", Colour: "#5f6d7c",
		Says: "What belongs to none of these."},
	{Key: unseen, Title: "not seen by the profiler", Colour: "#b4bcc4",
		Says: "CPU time that the kernel counted for the server, and the profiler did not see."},
}

// unseen is the category that no stack has.
const unseen = "unseen"

// workerCategories are not of glass's own process.
var workerCategories = []string{"worker_user", "worker_system"}

// categoryOf finds the category of a stack, the innermost function first.
func categoryOf(stack []string) string {
	kernel := len(stack) > 0 && (strings.HasPrefix(stack[0], "internal/runtime/syscall") || strings.HasPrefix(stack[0], "syscall."))
	nearest := ""
	if i := slices.IndexFunc(stack, func(f string) bool { return strings.HasPrefix(f, "glasswsgi/") }); i >= 0 {
		nearest = stack[i]
	}
	for _, c := range Categories {
		switch {
		case len(c.Through) == 0 && len(c.Of) == 0: // not for stacks
		case c.Kernel && !kernel:
		case len(c.Of) > 0 && !beginsWithOne(nearest, c.Of):
		case len(c.Through) > 0 && !slices.ContainsFunc(stack, func(f string) bool { return beginsWithOne(f, c.Through) }):
		default:
			return c.Key
		}
	}
	return "rest"
}

func beginsWithOne(name string, beginnings []string) bool {
	return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(name, b) })
}

// categorize adds up the CPU time of a profile, in seconds, by category.
func categorize(p *profile.Profile) (seconds map[string]float64, samples int64) {
	seconds = map[string]float64{}
	count := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == "samples" })
	time := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == "cpu" && t.Unit == "nanoseconds" })
	if count < 0 || time < 0 {
		return seconds, 0 // not a profile of CPU time
	}
	for _, s := range p.Sample {
		seconds[categoryOf(stackOf(s))] += float64(s.Value[time]) / 1e9
		samples += s.Value[count]
	}
	return seconds, samples
}

// stackOf are the names of a sample's functions, the innermost first, with those that were inlined.
func stackOf(s *profile.Sample) (stack []string) {
	for _, location := range s.Location {
		for _, line := range location.Line {
			if line.Function != nil {
				stack = append(stack, line.Function.Name)
			}
		}
	}
	return stack
}
