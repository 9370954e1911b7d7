package bench

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ownName is what a server of the user may be called.
var ownName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ._-]{0,31}$`)

// ownWorkloads are those in which the answer to "/" is "Hello, world\n", so that no application is needed.
var ownWorkloads = []string{"hello", "fields", "close", "slow", "idle"}

// own is a server that the user names: NAME=COMMAND. Its words are divided at spaces.
func own(text string) (*Server, error) {
	name, command, _ := strings.Cut(text, "=")
	words := strings.Fields(command)
	switch {
	case !ownName.MatchString(name) || len(words) == 0:
		return nil, fmt.Errorf("--command %s: it should be NAME=COMMAND, such as loop='python3 server.py {port}'", text)
	case !strings.Contains(command, "{port}"):
		return nil, fmt.Errorf("--command %s: {port} is missing, which stands for the port to listen on at 127.0.0.1", text)
	}
	s := &Server{Name: name, Command: words, Found: "yours", Shown: strings.Join(words, " ")}
	if !strings.Contains(command, "{module}") && !strings.Contains(command, "{file}") {
		s.Only = ownWorkloads
	}
	return s, nil
}

// withOwn puts the servers of the user before those that glass knows.
func (o *Options) withOwn(known []*Server) (all []*Server, err error) {
	for _, text := range o.Commands {
		s, err := own(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(slices.Concat(all, known), func(other *Server) bool { return strings.EqualFold(other.Name, s.Name) }) {
			return nil, fmt.Errorf("--command %s: there is a server of this name; choose another one", text)
		}
		all = append(all, s)
	}
	return append(all, known...), nil
}
