package check

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Probe is one conversation with a server, and the rule that it tests.
type Probe struct {
	ID      string `toml:"id"`
	Rule    string `toml:"rule"`    // RFC 9112 §6.3, or PEP 3333 "environ Variables"
	Keyword string `toml:"keyword"` // MUST, SHOULD, MAY
	What    string `toml:"what"`
	Why     string `toml:"why"`
	Hint    string `toml:"hint"`
	App     *bool  `toml:"app"`     // false: any server will do; left out: it must serve the probe application
	Alone   bool   `toml:"alone"`   // no other probe runs at the same time
	Bare    bool   `toml:"bare"`    // an answer without a status-line is what it is about
	Premise string `toml:"premise"` // without this, a server that fails shows nothing: see premises.toml

	// Concurrent probes need a server that serves two connections at a time. One that does not fails them by its nature.
	Concurrent bool     `toml:"concurrent"`
	Timeout    duration `toml:"timeout"` // for each answer, where the usual one is too short
	Most       int64    `toml:"most"`    // bytes of all answers on a connection, where right ones have more than usual
	Steps      []*Step  `toml:"steps"`

	file string
}

// NeedsApplication says that the server must serve the probe application.
func (p *Probe) NeedsApplication() bool { return p.App == nil || *p.App }

// blamesBare says that an answer without a status-line is the flaw: where the rule is about such answers, and where it was
// the application that said the status.
func (p *Probe) blamesBare() bool {
	return p.Bare || strings.HasPrefix(p.Rule, "PEP") || p.Rule == "RFC 9112 §4"
}

// duration is a time.Duration that probe files write as "200ms".
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed <= 0 {
		err = fmt.Errorf("a duration is more than 0: %q", text)
	}
	*d = duration(parsed)
	return err
}

//go:embed probes/*.toml
var probeFiles embed.FS

// Load returns the probes that glass brings along, by file and in their order there.
func Load() (probes []*Probe, err error) {
	names, err := fs.Glob(probeFiles, "probes/*.toml")
	if err != nil {
		return nil, err
	}
	seen := map[string]string{}
	for _, name := range names {
		text, err := probeFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		parsed, err := Parse(path.Base(name), string(text))
		if err != nil {
			return nil, err
		}
		for _, p := range parsed {
			if other, taken := seen[p.ID]; taken {
				return nil, fmt.Errorf("%s: %s: the id is taken in %s", p.file, p.ID, other)
			}
			seen[p.ID] = p.file
		}
		probes = append(probes, parsed...)
	}
	return probes, nil
}

// Parse reads a probe file. Whatever it does not understand is an error that names the file and the probe.
func Parse(file, text string) ([]*Probe, error) {
	var content struct {
		Probes []*Probe `toml:"probe"`
	}
	meta, err := toml.Decode(text, &content)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%s: %s", file, syntax.ErrorWithPosition())
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("%s: there is no key %s", file, unknown[0])
	}
	for i, p := range content.Probes {
		p.file = file
		if err := p.compile(); err != nil {
			return nil, fmt.Errorf("%s: probe %d, %s: %w", file, i+1, p.ID, err)
		}
	}
	return content.Probes, nil
}

var (
	validID = regexp.MustCompile(`^[a-z0-9]+(?:[.-][a-z0-9]+)+$`)
	rfcRule = regexp.MustCompile(`^RFC (\d{4}) §([0-9A-Z]+(?:\.\d+)*)$`)
	pepRule = regexp.MustCompile(`^PEP (\d{4}) "([^"]+)"$`)
)

// compile checks a probe and prepares its steps.
func (p *Probe) compile() error {
	prefix, err := p.prefix()
	if err != nil {
		return err
	}
	switch {
	case !validID.MatchString(p.ID):
		return errors.New("an id is lower-case letters and digits with dots and hyphens between them")
	case !strings.HasPrefix(p.ID, prefix):
		return fmt.Errorf("the id of a probe for %s begins with %s", p.Rule, prefix)
	case !slices.Contains([]string{"MUST", "SHOULD", "MAY"}, p.Keyword):
		return fmt.Errorf("keyword is MUST, SHOULD or MAY, not %q", p.Keyword)
	case p.What == "" || p.Why == "" || p.Hint == "":
		return errors.New("what, why and hint must all be said")
	case strings.Contains(p.What, "\n"):
		return errors.New("what is one line")
	}
	if _, err := p.premise(); err != nil {
		return err
	}
	return CompileSteps(p.Steps)
}

// prefix is how the ids of a rule begin.
func (p *Probe) prefix() (string, error) {
	if m := rfcRule.FindStringSubmatch(p.Rule); m != nil {
		return "rfc" + m[1] + "-" + strings.ToLower(m[2]) + "-", nil
	}
	if m := pepRule.FindStringSubmatch(p.Rule); m != nil {
		if !slices.Contains(pepHeadings, m[2]) {
			return "", fmt.Errorf("PEP 3333 has no heading %q; it has: %s", m[2], strings.Join(pepHeadings, "; "))
		}
		return "pep" + m[1] + "-", nil
	}
	return "", fmt.Errorf(`rule is written RFC 9112 §6.3 or PEP 3333 "environ Variables", not %s`, p.Rule)
}

// Group is the part of a specification that the rule stands in: "RFC 9112 §6", or a heading of PEP 3333.
func (p *Probe) Group() string {
	if !strings.HasPrefix(p.Rule, "RFC") {
		return p.Rule
	}
	group, _, _ := strings.Cut(p.Rule, ".")
	return group
}

// pepHeadings are the headings of PEP 3333 under which servers find rules.
var pepHeadings = []string{
	"The Application/Framework Side",
	"The Server/Gateway Side",
	"Specification Details",
	"environ Variables",
	"Input and Error Streams",
	"The start_response() Callable",
	"Handling the Content-Length Header",
	"Buffering and Streaming",
	"Middleware Handling of Block Boundaries",
	"The write() Callable",
	"Unicode Issues",
	"Error Handling",
	"HTTP 1.1 Expect/Continue",
	"Other HTTP Features",
	"Thread Support",
	"Server Extension APIs",
	"Application Configuration",
	"URL Reconstruction",
	"Optional Platform-Specific File Handling",
	"A Note On String Types",
}
