package cpython

import (
	"embed"
	"encoding/binary"
	"os"
	"path"
	"slices"
	"strings"
)

//go:embed glass_worker/*.py
var workerFiles embed.FS

// workerModules are the worker's modules, each after those that it imports.
var workerModules = []string{"ending", "channel", "outbox", "report", "signals", "contract", "body", "call", "express", "load", "preload", "mailboxes", "serve"}

// lintModules come after them with --lint, and are not there without it.
var lintModules = []string{"lint_rules", "lint_place", "lint_head", "lint_streams", "lint_middleware", "lint"}

// hostModules come last where there is a Host.
var hostModules = []string{"inprocess"}

// debugModules come last where there is a Debugger.
var debugModules = []string{"debug_values", "debug_errors", "debug_contract", "debug_environ", "debug_engine", "debug_monitor", "debug_trace", "debug", "debug_call"}

// bootVariable has the source of unpack.py and boot.py, which bootCommand runs: it is not in the command line, which people
// look at.
var bootVariable = "GLASS_BOOT=" + workerSource("unpack") + workerSource("boot")

const bootCommand = "import os; exec(os.environ.pop('GLASS_BOOT'))"

// WorkerTitle is how the title of a worker's process begins, which ps shows: "glass: worker 1 (app.py)". On Linux it is
// the whole command line, elsewhere the last argument.
const WorkerTitle = "glass: worker "

func workerSource(module string) string {
	text, err := workerFiles.ReadFile(path.Join("glass_worker", module+".py"))
	if err != nil {
		panic(err) // it is embedded: a name above is wrong
	}
	return string(text)
}

// safePath keeps the working directory out of sys.path while Python starts, from 3.11 on: with -c, Python 3.13 imports
// linecache before our first line, and a learner's folder may hold a linecache.py. Older ones do not, and ignore it.
const safePath = "PYTHONSAFEPATH=1"

// restored is an environment variable that the interpreter's start needed otherwise than the application shall see it.
type restored struct {
	name, value string
	isSet       bool
}

// startMessage is what a worker is sent before any frame: its source and its settings.
func startMessage(config *Config, environment []restored, hasOutbox bool, title string, preloads bool) []byte {
	e := encoder{out: make([]byte, 4, 64<<10)}
	e.tuple(2)
	modules := workerModules
	if config.Lint {
		modules = slices.Concat(workerModules, lintModules)
	}
	if config.Host != nil {
		modules = slices.Concat(modules, hostModules)
	}
	if config.Debugger != nil {
		modules = slices.Concat(modules, debugModules)
	}
	e.tuple(len(modules))
	for _, module := range modules {
		e.tuple(2)
		e.ascii("glass_worker." + module)
		e.system(workerSource(module))
	}
	e.beginDict()
	e.ascii("application")
	e.system(config.App)
	e.ascii("preload")
	e.boolean(preloads)
	e.ascii("code")
	e.system(config.Interpreter.Code)
	e.ascii("title")
	e.system(title)
	e.ascii("install")
	e.system(config.Interpreter.install())
	e.ascii("threads")
	e.integer(config.Threads)
	e.ascii("debug")
	e.boolean(config.Debugger != nil)
	e.ascii("lint")
	e.boolean(config.Lint)
	e.ascii("outbox")
	if hasOutbox {
		e.integer(outboxDescriptor)
	} else {
		e.none()
	}
	e.ascii("bell")
	if hasOutbox && config.Bell != nil {
		e.integer(outboxDescriptor + 1)
	} else {
		e.none()
	}
	e.ascii("window")
	e.integer(window)
	e.ascii("pythonpath")
	e.list(len(config.PythonPath))
	for _, entry := range config.PythonPath {
		e.system(entry)
	}
	e.ascii("environment")
	e.list(len(environment))
	for _, variable := range environment {
		e.tuple(2)
		e.system(variable.name)
		if variable.isSet {
			e.system(variable.value)
		} else {
			e.none()
		}
	}
	e.endDict()
	binary.LittleEndian.PutUint32(e.out, uint32(len(e.out)-4))
	return e.out
}

// Environ is what the interpreter starts with: the environment of this process, with Env applied.
func (i Interpreter) Environ() []string {
	all, _ := i.environment(nil)
	return all
}

// environment is what a worker's process starts with, and what it has to put right for the application.
func (i Interpreter) environment(extra []string) (all []string, restore []restored) {
	all = append(os.Environ(), extra...)
	for _, entry := range append([]string{safePath}, i.Env...) {
		name, value, isSet := strings.Cut(entry, "=")
		before, was := lookup(all, name)
		restore = append(restore, restored{name, before, was})
		all = without(all, name)
		if isSet {
			all = append(all, name+"="+value)
		}
	}
	return all, restore
}

func lookup(environment []string, name string) (value string, ok bool) {
	for _, entry := range environment {
		if n, v, _ := strings.Cut(entry, "="); n == name {
			value, ok = v, true // the last one counts
		}
	}
	return value, ok
}

func without(environment []string, name string) []string {
	var rest []string
	for _, entry := range environment {
		if n, _, _ := strings.Cut(entry, "="); n != name {
			rest = append(rest, entry)
		}
	}
	return rest
}
