package check

import (
	"strings"
	"testing"
)

// TestPeers: the file can be read, and every peer can be started on a port and asked for its version.
func TestPeers(t *testing.T) {
	peers, err := Peers("/the/glass")
	if err != nil {
		t.Fatal(err)
	}
	if len(peers) < 8 || peers[0].Name != "glass" || peers[0].Command[0] != "/the/glass" {
		t.Errorf("peers %v", peers)
	}
	for _, p := range peers {
		if !strings.Contains(strings.Join(p.Command, " "), "{port}") || len(p.Version) == 0 {
			t.Errorf("%s cannot be started on a port, or has no version: %q", p.Name, p.Command)
		}
	}
	if peers[0].Found != "" {
		t.Errorf("a glass that does not exist has version %q", peers[0].Found)
	}
}

// TestConformance: the page counts what passed, shows what somebody fails, and leaves out who is not installed.
func TestConformance(t *testing.T) {
	probes := []*Probe{
		{file: "rfc9112_3_host.toml", ID: "a", Rule: "RFC 9112 §2.1", Keyword: "MUST", What: "one", Why: "because | of <this>"},
		{ID: "b", Rule: "RFC 9112 §2.2", Keyword: "MAY", What: "two", Why: "never seen"},
		{ID: "c", Rule: `PEP 3333 "Unicode Issues"`, Keyword: "SHOULD", What: "three", Why: "names * too"},
	}
	results := func(outcomes ...Outcome) (all []Result) {
		for i, o := range outcomes {
			all = append(all, Result{Probe: probes[i], Outcome: o})
		}
		return all
	}
	var out strings.Builder
	WriteConformance(&out, probes, []*Peer{
		{Name: "good", Found: "1.0", shown: []string{"good", "-p", "{port}"}, Results: results(Passed, Passed, Passed)},
		{Name: "absent"},
		{Name: "poor", Found: "2.0", Results: results(Failed, Passed, CannotTell)},
	})
	want := `| rules | probes | good | poor |
|---|---:|---:|---:|
| PEP 3333 "Unicode Issues" | 1 | 1 | 0 |
| RFC 9112 §2 | 2 | 2 | 1 |
| all | 3 | 3 | 1 |

## What fails where

### PEP 3333 "Unicode Issues"

| probe | rule | fails | cannot tell | why it matters |
|---|---|---|---|---|
| ` + "`c`" + `: three | PEP 3333 "Unicode Issues" SHOULD |  | poor | names \* too |

### RFC 9112 §2

| probe | rule | fails | cannot tell | why it matters |
|---|---|---|---|---|
| ` + "`a`" + `: one | RFC 9112 §2.1 MUST | poor |  | because \| of &lt;this> |
`
	for _, part := range []string{want, "| poor | 2.0 | **E** |", "| E (1, 0) |", "| good | 1.0 | `good -p {port}` |\n| poor", "3 probes", "without a row: absent."} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("no\n%s\nin\n%s", part, out.String())
		}
	}
}
