package bench

import (
	_ "embed"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"glasswsgi/check/peer"
)

//go:embed servers.toml
var serversFile string

// Server is one that is compared.
type Server struct {
	Name      string   `toml:"name" json:"name"`
	Command   []string `toml:"command" json:"-"`
	Version   []string `toml:"version" json:"-"`
	Refuses   []string `toml:"refuses" json:"-"` // exits with 2 where the server cannot run at all
	Package   string   `toml:"package" json:"package,omitempty"`
	Only      []string `toml:"only" json:"-"`
	Not       []string `toml:"not" json:"-"`
	Named     bool     `toml:"named" json:"-"`             // measured only where --servers names it
	Processes bool     `toml:"processes" json:"processes"` // takes --workers
	Threads   bool     `toml:"threads" json:"threads"`     // takes --threads

	Found   string `toml:"-" json:"version,omitempty"`
	Missing string `toml:"-" json:"missing,omitempty"` // why it is left out
	Shown   string `toml:"-" json:"command"`           // as a reader would type it

	python string // {peer}: the Python that has it
}

// Servers reads servers.toml, and looks which of them are here.
func Servers(o *Options) ([]*Server, error) {
	var file struct {
		Server []*Server `toml:"server"`
	}
	decoded, err := toml.Decode(serversFile, &file)
	if err == nil {
		err = known(decoded)
	}
	if err != nil {
		return nil, fmt.Errorf("servers.toml: %w", err)
	}
	all, err := o.withOwn(file.Server)
	if err != nil {
		return nil, err
	}
	chosen, err := choose("servers", all, func(s *Server) string { return s.Name }, o.Servers)
	for _, s := range chosen {
		if s.Found == "" {
			s.find(o)
		}
	}
	return chosen, err
}

// find fills in what version of the server is here, or why there is none.
func (s *Server) find(o *Options) {
	if s.Found = s.findIn(o); s.Found == "" {
		s.Missing = "not installed; Debian has it in " + s.Package
		if strings.HasPrefix(s.Package, "no package") {
			s.Missing = "not installed; " + s.Package
		}
	}
	python := s.python
	if python == o.Interpreter {
		python = o.interpreterName()
	}
	shown := strings.NewReplacer("{glass}", "glass", "{embedded}", o.interpreterName(), "{peer}", python, "{python}", o.Python)
	s.Shown = shown.Replace(strings.Join(s.Command, " "))
	if s.Found != "" && len(s.Refuses) > 0 && refused(s.fill(o, s.Refuses)) {
		s.Missing = "this glass does not know it: " + strings.Join(s.Command[1:4], " ") + " is refused"
	}
}

// findIn asks one Python after the other.
func (s *Server) findIn(o *Options) (version string) {
	if !s.needsPeer(s.Version) {
		if s.needsPeer(s.Command) && len(o.Peers) > 0 {
			s.python = o.Peers[0]
		}
		return peer.Version(s.fill(o, s.Version), nil)
	}
	for _, s.python = range o.Peers {
		if version := peer.Version(s.fill(o, s.Version), o.environ(s.python)); version != "" {
			return version
		}
	}
	s.python = "python3"
	return ""
}

// runBy is the Python whose process the server is, or empty.
func (s *Server) runBy(o *Options) string {
	if strings.Contains(strings.Join(s.Command, " "), "{embedded}") {
		return o.Interpreter
	}
	return s.python
}

func (*Server) needsPeer(words []string) bool {
	return strings.Contains(strings.Join(words, " "), "{peer}")
}

// fill fills in what does not change from one start of the server to the next.
func (s *Server) fill(o *Options, words []string) (filled []string) {
	r := strings.NewReplacer("{glass}", o.Glass, "{embedded}", o.Interpreter, "{peer}", s.python, "{python}", o.Python)
	for _, word := range words {
		filled = append(filled, r.Replace(word))
	}
	return filled
}

func refused(command []string) bool {
	var exit *exec.ExitError
	return errors.As(exec.Command(command[0], command[1:]...).Run(), &exit) && exit.ExitCode() == 2
}

// runs says whether a workload makes sense with the server.
func (s *Server) runs(w *Workload) bool {
	return (len(s.Only) == 0 || slices.Contains(s.Only, w.Name)) && !slices.Contains(s.Not, w.Name)
}
