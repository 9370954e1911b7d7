package relatives

import (
	"slices"
	"strconv"

	"glasswsgi/parser"
	"glasswsgi/runtime/wsgi"
)

// Form is a request in the words of one relative.
type Form struct {
	Name    string  `json:"name"`  // as in Names
	Title   string  `json:"title"` // as its specification has it
	Spec    string  `json:"spec"`
	Entries []Entry `json:"entries"` // keys and values, in their order

	// Of a message: its bytes, how many they are, and what they mean, in order and without gaps. Problem says why there are
	// none.
	Message []byte  `json:"message,omitempty"`
	Length  int     `json:"length,omitempty"`
	Tokens  []Token `json:"tokens,omitempty"`
	Problem string  `json:"problem,omitempty"`
}

// Entry is a key and its value. Value is text, in which code point n is byte n; a Literal is no text in its own language,
// and stands as that writes it.
type Entry struct {
	Of      string        `json:"of"` // the key of the WSGI environ that says the same; its own, where none does
	Key     string        `json:"key"`
	Value   string        `json:"value"`
	Literal bool          `json:"literal,omitempty"`
	Wire    []parser.Span `json:"wire,omitempty"` // the bytes of the value: of the message, or of the request that the environ was made of
}

// Token is a run of bytes of a message.
type Token struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Name  string `json:"name"` // in the words of the specification
	Spec  string `json:"spec"`
	Text  string `json:"text,omitempty"` // what it means, where its bytes do not say it themselves
	Of    string `json:"of,omitempty"`   // see Entry
}

// Names are all there are.
var Names = []string{"wsgi", "cgi", "rack", "psgi", "jsgi", "fastcgi", "scgi", "uwsgi", "ajp"}

// Of says a request in all forms. The environ needs no Input: content is all of the content. One that came without its
// length has it here, as it has for an application.
func Of(e *wsgi.Environ, content []byte) []Form {
	if _, known := e.Lookup("CONTENT_LENGTH"); !known && len(content) > 0 {
		with := *e
		with.Variables = slices.Clone(e.Variables)
		with.Set("CONTENT_LENGTH", strconv.Itoa(len(content)))
		e = &with
	}
	return append(dictionaries(e, len(content)), messages(e, content)...)
}

// Row is what one key of the WSGI environ is called elsewhere.
type Row struct {
	Of    string
	Cells []*Entry // one for each form; nil where it has nothing of the kind
}

// Rows puts the entries of forms side by side.
func Rows(forms []Form) (rows []Row) {
	at := map[string]int{}
	for i := range forms {
		for j := range forms[i].Entries {
			entry := &forms[i].Entries[j]
			n, known := at[entry.Of]
			if !known {
				n = len(rows)
				at[entry.Of] = n
				rows = append(rows, Row{entry.Of, make([]*Entry, len(forms))})
			}
			if rows[n].Cells[i] == nil {
				rows[n].Cells[i] = entry
			}
		}
	}
	return rows
}

// Clip leaves out what comes after so many bytes of a message.
func (f *Form) Clip(most int) {
	if len(f.Message) <= most {
		return
	}
	f.Message = f.Message[:most]
	for i, token := range f.Tokens {
		if token.End > most {
			f.Tokens = f.Tokens[:i+1]
			f.Tokens[i].End = most
			return
		}
	}
}
