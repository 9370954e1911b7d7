package cpython

import (
	"fmt"
	"slices"
	"sync"
)

// Finding says that the application breaks a rule of PEP 3333 which the server lets pass. docs/LINT.md has the rules.
type Finding struct {
	Rule    string // a short stable name: "status: empty reason phrase"
	Section string // the heading in PEP 3333: "The start_response() Callable"
	Detail  string // what the application did, and what to do instead
	File    string // where, seen from the workers' working directory
	Line    int
}

func (f Finding) String() string {
	return fmt.Sprintf("lint: %s: %s (PEP 3333 %q) at %s:%d", f.Rule, f.Detail, f.Section, f.File, f.Line)
}

// mostFindings is how many are kept: workers come and go, and an application may write new code as it runs.
const mostFindings = 10_000

// findings are those of all workers, which may find the same. The zero value has none.
type findings struct {
	mu   sync.Mutex
	list []Finding
	seen map[place]bool
}

// place is what makes two findings one.
type place struct {
	rule, file string
	line       int
}

// add says whether the finding is new.
func (fs *findings) add(f Finding) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	at := place{f.Rule, f.File, f.Line}
	if fs.seen[at] || len(fs.list) == mostFindings {
		return false
	}
	if fs.seen == nil {
		fs.seen = map[place]bool{}
	}
	fs.seen[at] = true
	fs.list = append(fs.list, f)
	return true
}

// Findings are what Config.Lint has brought to light, in the order in which it was found: one for each rule and line.
func (p *Pool) Findings() []Finding {
	p.findings.mu.Lock()
	defer p.findings.mu.Unlock()
	return slices.Clone(p.findings.list)
}

// takeFinding reads LINT, and logs what is new.
func (p *Pool) takeFinding(payload []byte) error {
	d := decode(payload)
	d.tuple(5)
	f := Finding{Rule: d.text(), Section: d.text(), Detail: d.text(), File: d.text(), Line: d.integer()}
	if err := d.end(); err != nil {
		return err
	}
	if p.findings.add(f) {
		p.log.Warn(f.String())
	}
	return nil
}
