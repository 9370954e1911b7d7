package dap

import (
	"encoding/json"

	"github.com/google/go-dap"
)

// client is what an editor says of itself at initialize.
type client struct {
	name                   string
	zeroLines, zeroColumns bool // it counts from 0
}

func (c *client) greeted(a dap.InitializeRequestArguments) {
	c.name = a.ClientName
	if c.name == "" {
		c.name = a.ClientID
	}
	c.zeroLines, c.zeroColumns = !a.LinesStartAt1, !a.ColumnsStartAt1
}

// line is a line of ours, as the editor counts.
func (c *client) line(n int) int {
	if c.zeroLines {
		return n - 1
	}
	return n
}

// column is that of the first character: no step and no line is told more exactly.
func (c *client) column() int {
	if c.zeroColumns {
		return 0
	}
	return 1
}

// ours is a line of the editor's, as we count.
func (c *client) ours(n int) int {
	if c.zeroLines {
		return n + 1
	}
	return n
}

// fillIn adds to initialize what it leaves out: lines and columns count from 1 unless an editor says otherwise, and go-dap
// does not tell that from false.
func fillIn(content []byte) []byte {
	var m struct {
		Command   string                     `json:"command"`
		Arguments map[string]json.RawMessage `json:"arguments"`
	}
	if json.Unmarshal(content, &m) != nil || m.Command != "initialize" {
		return content
	}
	var all map[string]any
	json.Unmarshal(content, &all)
	if m.Arguments == nil {
		m.Arguments = map[string]json.RawMessage{}
	}
	for _, name := range []string{"linesStartAt1", "columnsStartAt1"} {
		if _, said := m.Arguments[name]; !said {
			m.Arguments[name] = json.RawMessage("true")
		}
	}
	all["arguments"] = m.Arguments
	if filled, err := json.Marshal(all); err == nil {
		return filled
	}
	return content
}
