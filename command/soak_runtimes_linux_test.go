package command

// soakRuntime is a way to run the application.
type soakRuntime struct {
	name    string
	args    []string
	workers int      // processes
	nodes   int      // that have so many workers each, and args are theirs
	models  []string // which drive it
	usually string   // the one of them that drives it where there is little time; "": none
	needs   string   // a program
}

// soakRuntimes are all there are. Workers are recycled after 150 requests.
var soakRuntimes = []soakRuntime{
	{name: "Go", args: []string{"soak:"}, models: []string{"iterative", "threaded", "fasthttp"}, usually: "iterative"},
	{name: "one worker, one thread", args: []string{"--max-requests", "150", soakPython}, workers: 1,
		models: []string{"iterative", "threaded", "loop", "fasthttp"}, usually: "fasthttp"},
	{name: "two workers", args: []string{"-w", "2", "--max-requests", "150", soakPython}, workers: 2,
		models: []string{"threaded", "loop", "fasthttp"}, usually: "loop"},
	{name: "two workers, four threads", args: []string{"-w", "2", "--threads", "4", "--max-requests", "150", "--max-requests-jitter", "50", soakPython},
		workers: 2, models: []string{"threaded", "fasthttp"}, usually: "threaded"},
	{name: "in process", args: []string{"--in-process", soakPython}, models: []string{"iterative", "threaded", "loop", "fasthttp"}},
	{name: "preload", args: []string{"--preload", "--max-requests", "150", soakPython}, workers: 2, models: []string{"threaded", "loop", "fasthttp"}},
	{name: "Rack", args: []string{"--threads", "4", "--max-requests", "150", "command/testdata/soak.ru"}, workers: 1,
		models: []string{"threaded", "fasthttp"}, needs: "ruby"},
	{name: "PSGI", args: []string{"-w", "2", "--max-requests", "150", "command/testdata/soak.psgi"}, workers: 2,
		models: []string{"threaded", "fasthttp"}, needs: "perl"},
	{name: "JSGI", args: []string{"--max-requests", "150", "command/testdata/soak.js"}, workers: 1,
		models: []string{"threaded", "fasthttp"}, needs: "node"},
	{name: "NATS", args: []string{"--threads", "2", "--max-requests", "150", soakPython}, workers: 1, nodes: 2,
		models: []string{"iterative", "threaded", "fasthttp"}},
}

const soakPython = "command/testdata/soak.py"
