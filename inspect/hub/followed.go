package hub

import "encoding/json"

// Limits of what is recorded of a value's way through the application. A worker has limits of its own, which are lower.
const (
	MaxReads = 300 // of one exchange
	MaxTexts = 2000
)

// Read is a line of Python that has looked a variable of the environ up, the first time that it did.
type Read struct {
	Name    string `json:"name"`
	Place   Place  `json:"place"`
	Library bool   `json:"library,omitempty"` // that is not the application's own
	By      *Place `json:"by,omitempty"`      // then the application's own line that led there, where there is one
}

// Held is a text that a function of the application had in a variable when it returned; Name is "return" for what it returned.
type Held struct {
	Name  string `json:"name"`
	Text  string `json:"text"` // the beginning of a long one
	Place Place  `json:"place"`
}

// followedTold is both as a worker tells of them.
type followedTold struct {
	Reads []readTold `json:"reads"`
	Texts []heldTold `json:"texts"`
}

// readTold is [name, place, library, place or nil], heldTold is [name, text, place], placeTold is [file, line, function].
type (
	readTold  Read
	heldTold  Held
	placeTold Place
)

func (r *readTold) UnmarshalJSON(text []byte) error {
	var by *placeTold
	err := json.Unmarshal(text, &[]any{&r.Name, (*placeTold)(&r.Place), &r.Library, &by})
	r.By = (*Place)(by)
	return err
}

func (h *heldTold) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&h.Name, &h.Text, (*placeTold)(&h.Place)})
}

func (p *placeTold) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&p.File, &p.Line, &p.Function})
}

// wasFollowed records it. The caller holds the lock.
func (h *Hub) wasFollowed(r *record, m *told) {
	if r == nil {
		return
	}
	size := 0
	for _, read := range m.Reads[:min(len(m.Reads), MaxReads-len(r.Reads))] {
		r.Reads = append(r.Reads, Read(read))
		size += len(read.Name)
	}
	for _, held := range m.Texts[:min(len(m.Texts), MaxTexts-len(r.Texts))] {
		r.Texts = append(r.Texts, Held(held))
		size += len(held.Name) + len(held.Text)
	}
	r.keeps(size, h)
	h.tell(Event{Kind: ExchangeChanged, Exchange: r.ID, Step: len(r.Steps) - 1})
}
