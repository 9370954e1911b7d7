package check

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

//go:embed premises.toml
var premisesFile string

// Premise is what a server must do before some probes can tell anything: one that decodes no chunks at all would fail
// every probe about a detail of chunks, and has one flaw.
type Premise struct {
	ID    string  `toml:"id"`
	Does  string  `toml:"does"`  // what the server does: "keeps a connection open"
	Probe string  `toml:"probe"` // the id of the probe that tells whether it must
	Steps []*Step `toml:"steps"`
}

// premises are those of premises.toml.
var premises = sync.OnceValues(func() ([]*Premise, error) {
	var file struct {
		Premise []*Premise `toml:"premise"`
	}
	decoded, err := toml.Decode(premisesFile, &file)
	if err != nil {
		return nil, fmt.Errorf("premises.toml: %w", err)
	}
	if unknown := decoded.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("premises.toml: there is no key %s", unknown[0])
	}
	for _, p := range file.Premise {
		if p.Does == "" || p.Probe == "" {
			return nil, fmt.Errorf("premises.toml: %s: does and probe must both be said", p.ID)
		}
		if err := CompileSteps(p.Steps); err != nil {
			return nil, fmt.Errorf("premises.toml: %s: %w", p.ID, err)
		}
	}
	return file.Premise, nil
})

// premise finds one by its id; nil, where the probe has none.
func (p *Probe) premise() (*Premise, error) {
	if p.Premise == "" {
		return nil, nil
	}
	all, err := premises()
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, premise := range all {
		if premise.ID == p.Premise {
			return premise, nil
		}
		ids = append(ids, premise.ID)
	}
	slices.Sort(ids)
	return nil, fmt.Errorf("there is no premise %q; there are %s", p.Premise, strings.Join(ids, ", "))
}

// held remembers which premises a server satisfies: each is tried once, by the first probe that needs it.
type held struct {
	mu    sync.Mutex
	known map[string]bool
}

func (t Target) holds(ctx context.Context, premise *Premise) bool {
	if premise == nil || !t.Application || t.held == nil { // premises need the probe application
		return true
	}
	t.held.mu.Lock()
	defer t.held.mu.Unlock()
	holds, tried := t.held.known[premise.ID]
	if !tried {
		talk := t.Talk(ctx, premise.Steps)
		holds = talk.Err == nil
		t.held.known[premise.ID] = holds
	}
	return holds
}
