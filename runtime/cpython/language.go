package cpython

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os/exec"
	"slices"
)

// Language is all that a pool knows of the language that its workers are written in. The rest is frames, which are the
// same for every language: docs/WORKER.md.
type Language interface {
	// Worker is the command that becomes a worker, and what it is sent before any frame. The pool adds the folder, the
	// streams and the descriptors.
	Worker(config *Config, birth Birth) (command *exec.Cmd, start []byte)
	// SharesMemory says that a worker can answer by way of memory that it shares with us, too: outbox.go.
	SharesMemory() bool
	// Mute is why a worker may not say where a call hangs, for the end of a sentence.
	Mute() string
}

// Birth is what is special about one worker.
type Birth struct {
	Title     string // of its process, which ps shows
	HasOutbox bool   // memory that it shares with us is its descriptor 5
	Preloads  bool   // it takes no calls, but makes workers by fork
}

// python is the Language of Python: its workers are sent their own source.
type python struct{ Interpreter }

func (p python) Worker(config *Config, b Birth) (*exec.Cmd, []byte) {
	command := exec.Command(p.Path, "-c", bootCommand, b.Title)
	environment, restore := p.environment(config.Env)
	command.Env = append(environment, bootVariable)
	return command, startMessage(config, restore, b.HasOutbox, b.Title, b.Preloads)
}

func (p python) SharesMemory() bool { return true }
func (p python) Mute() string       { return "code that is not Python's keeps the interpreter" }

// StartMessage is what a worker is sent before any frame that has its source already: its settings. A value is a string,
// an int, or a map of strings.
func StartMessage(config *Config, title string, settings map[string]any) []byte {
	settings["application"], settings["title"] = config.App, title
	settings["threads"], settings["window"] = config.Threads, window
	e := encoder{out: make([]byte, 4)}
	e.tuple(2)
	e.tuple(0) // sources
	e.beginDict()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		e.ascii(name)
		switch value := settings[name].(type) {
		case string:
			e.system(value)
		case int:
			e.integer(value)
		case map[string]string:
			e.beginDict()
			for _, key := range slices.Sorted(maps.Keys(value)) {
				e.ascii(key)
				e.ascii(value[key])
			}
			e.endDict()
		default:
			panic(fmt.Sprintf("%s: a worker cannot be told %T", name, value))
		}
	}
	e.endDict()
	binary.LittleEndian.PutUint32(e.out, uint32(len(e.out)-4))
	return e.out
}
