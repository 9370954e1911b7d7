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

//go:embed conformance.md
var conformanceText string

// WriteConformance writes docs/CONFORMANCE.md: how it was made, and what the probes found on each peer that was found.
func WriteConformance(w io.Writer, probes []*Probe, peers []*Peer) {
	peers = slices.DeleteFunc(slices.Clone(peers), func(p *Peer) bool { return p.Found == "" })
	var commands strings.Builder
	for _, p := range peers {
		fmt.Fprintf(&commands, "| %s | %s | `%s` |\n", p.Name, p.Found, cell(strings.Join(p.shown, " ")))
	}
	var tables strings.Builder
	writeTables(&tables, probes, peers)
	text := strings.NewReplacer("{servers}\n", commands.String(), "{tables}\n", tables.String(), "{probes}", fmt.Sprint(len(probes)))
	io.WriteString(w, text.Replace(conformanceText))
}

// writeTables writes how many probes passed, and then every probe that somebody fails, with the reason for it.
func writeTables(w io.Writer, probes []*Probe, peers []*Peer) {
	fmt.Fprintf(w, "| rules | probes |%s\n|---|---:|%s\n", cells(peers, func(p *Peer) string { return p.Name + " " + p.Found }),
		cells(peers, func(*Peer) string { return "---:" }))
	for _, group := range append(groupsOf(probes), "all") {
		fmt.Fprintf(w, "| %s | %d |%s\n", group, countIn(probes, group, func(int) bool { return true }),
			cells(peers, func(p *Peer) string {
				return fmt.Sprint(countIn(probes, group, func(i int) bool { return p.Results[i].Outcome == Passed }))
			}))
	}
	for _, group := range groupsOf(probes) {
		writeDifferences(w, probes, peers, group)
	}
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
			fmt.Fprintf(w, "\n### %s\n\n| probe | rule |%s why it matters |\n|---|---|%s---|\n", group,
				cells(peers, func(p *Peer) string { return p.Name }), cells(peers, func(*Peer) string { return ":-:" }))
		}
		fmt.Fprintf(w, "| `%s`: %s | %s %s |%s %s |\n", probe.ID, cell(probe.What), cell(probe.Rule), probe.Keyword,
			cells(peers, func(p *Peer) string { return marks[p.Results[i].Outcome] }), cell(probe.Why))
	}
}

var marks = map[Outcome]string{Passed: "+", Failed: "**fails**", Skipped: "skipped", CannotTell: "?"}

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

func cells(peers []*Peer, text func(*Peer) string) string {
	var b strings.Builder
	for _, p := range peers {
		b.WriteString(" " + text(p) + " |")
	}
	return b.String()
}

// cell keeps a text within its cell of a table.
func cell(text string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;", "*", `\*`).Replace(text)
}
