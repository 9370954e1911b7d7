package check

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"glasswsgi/check/peer"
)

//go:embed peers.toml
var peersFile string

// Peer is a server that people would compare with.
type Peer struct {
	Name    string   `toml:"name"`
	Command []string `toml:"command"` // starts it, with the placeholders of Start
	Version []string `toml:"version"` // prints its version

	// Found is its version, empty where it is not installed; Results are those of all probes then.
	Found   string   `toml:"-"`
	Results []Result `toml:"-"`

	shown []string // the command as a reader would type it
}

// Peers returns the servers of peers.toml, with {glass} filled in.
func Peers(glass string) ([]*Peer, error) {
	var file struct {
		Peer []*Peer `toml:"peer"`
	}
	decoded, err := toml.Decode(peersFile, &file)
	if err != nil {
		return nil, fmt.Errorf("peers.toml: %w", err)
	}
	if unknown := decoded.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("peers.toml: unknown key %v", unknown[0])
	}
	for _, p := range file.Peer {
		p.shown = strings.Fields(strings.ReplaceAll(strings.Join(p.Command, " "), "{glass}", "glass"))
		for _, words := range [][]string{p.Command, p.Version} {
			for i := range words {
				words[i] = strings.ReplaceAll(words[i], "{glass}", glass)
			}
		}
		p.Found = peer.Version(p.Version, nil)
	}
	return file.Peer, nil
}

// Found are the peers that are installed.
func Found(peers []*Peer) []*Peer {
	return slices.DeleteFunc(slices.Clone(peers), func(p *Peer) bool { return p.Found == "" })
}

//go:embed conformance.md
var conformanceText string

// WriteConformance writes docs/CONFORMANCE.md: how it was made, and what the probes found on each peer that was found.
func WriteConformance(w io.Writer, probes []*Probe, peers []*Peer) {
	missing := missing(peers)
	peers = Found(peers)
	var commands strings.Builder
	for _, p := range peers {
		fmt.Fprintf(&commands, "| %s | %s | `%s` |\n", p.Name, p.Found, cell(strings.Join(p.shown, " ")))
	}
	var tables strings.Builder
	writeTables(&tables, probes, peers)
	text := strings.NewReplacer("{servers}\n", commands.String(), "{missing}\n", missing, "{tables}\n", tables.String(), "{probes}", fmt.Sprint(len(probes)))
	io.WriteString(w, text.Replace(conformanceText))
}

// missing says which servers were not there, and so have no row.
func missing(peers []*Peer) string {
	var names []string
	for _, p := range peers {
		if p.Found == "" {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "Not installed where this ran, and so without a row: " + strings.Join(names, ", ") + ". Debian has no package of bjoern and FastPySGI.\n"
}

// writeTables writes the grades, how many probes passed, and then every probe that not all pass, with who does not.
func writeTables(w io.Writer, probes []*Probe, peers []*Peer) {
	writeGrades(w, peers)
	fmt.Fprintf(w, "\n## How many probes pass\n\n| rules | probes |")
	for _, p := range peers {
		fmt.Fprintf(w, " %s |", p.Name)
	}
	fmt.Fprintf(w, "\n|---|---:|%s\n", strings.Repeat("---:|", len(peers)))
	for _, group := range append(groupsOf(probes), "all") {
		fmt.Fprintf(w, "| %s | %d |", group, countIn(probes, group, func(int) bool { return true }))
		for _, p := range peers {
			fmt.Fprintf(w, " %d |", countIn(probes, group, func(i int) bool { return p.Results[i].Outcome == Passed }))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "\n## What fails where")
	for _, group := range groupsOf(probes) {
		writeDifferences(w, probes, peers, group)
	}
}

// writeGrades writes how each server does in each matter.
func writeGrades(w io.Writer, peers []*Peer) {
	fmt.Fprint(w, "| server | version | grade |")
	for _, m := range matters {
		fmt.Fprintf(w, " %s |", m.Name)
	}
	fmt.Fprintf(w, " cannot tell |\n|---|---|:-:|%s---:|\n", strings.Repeat(":-:|", len(matters)))
	for _, p := range peers {
		marks, grade := Marks(p.Results)
		fmt.Fprintf(w, "| %s | %s | **%s** |", p.Name, p.Found, grade)
		unclear := 0
		for _, matter := range matters {
			i := slices.IndexFunc(marks, func(m Mark) bool { return m.Matter == matter.Name })
			if i < 0 {
				fmt.Fprint(w, " - |")
				continue
			}
			unclear += marks[i].CannotTell
			fmt.Fprintf(w, " %s |", marks[i].short())
		}
		fmt.Fprintf(w, " %s |\n", number(unclear))
	}
}

// short is a grade, and how many MUSTs and SHOULDs fail.
func (m Mark) short() string {
	if m.MustFail+m.ShouldFail == 0 {
		return m.Grade
	}
	return fmt.Sprintf("%s (%d, %d)", m.Grade, m.MustFail, m.ShouldFail)
}

// writeDifferences writes the probes of a group that not every peer passes.
func writeDifferences(w io.Writer, probes []*Probe, peers []*Peer, group string) {
	begun := false
	for i, probe := range probes {
		if probe.Group() != group || !slices.ContainsFunc(peers, func(p *Peer) bool { return p.Results[i].Outcome != Passed }) {
			continue
		}
		if !begun {
			begun = true
			fmt.Fprintf(w, "\n### %s\n\n| probe | rule | fails | cannot tell | why it matters |\n|---|---|---|---|---|\n", group)
		}
		fmt.Fprintf(w, "| `%s`: %s | %s %s | %s | %s | %s |\n", probe.ID, cell(probe.What), cell(probe.Rule), probe.Keyword,
			namesOf(peers, i, Failed), namesOf(peers, i, CannotTell, Skipped), cell(probe.Why))
	}
}

// namesOf are the peers on which a probe came out so.
func namesOf(peers []*Peer, probe int, outcomes ...Outcome) string {
	var names []string
	for _, p := range peers {
		if slices.Contains(outcomes, p.Results[probe].Outcome) {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, ", ")
}

func groupsOf(probes []*Probe) (groups []string) {
	for _, p := range probes {
		if !slices.Contains(groups, p.Group()) {
			groups = append(groups, p.Group())
		}
	}
	slices.Sort(groups)
	return groups
}

func countIn(probes []*Probe, group string, counts func(i int) bool) (n int) {
	for i, p := range probes {
		if (group == "all" || p.Group() == group) && counts(i) {
			n++
		}
	}
	return n
}

// cell keeps a text within its cell of a table.
func cell(text string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}
