package tokentest

import (
	"bytes"
	"glasswsgi/parser"
	"testing"

	"glasswsgi/server/gateway/token"
)

// Variables makes variables of any bytes: names and values lie between NULs, of which they can have none.
func Variables(data []byte) (variables []token.Variable) {
	parts := bytes.Split(data, []byte{0})
	for i := 0; i+1 < len(parts) && len(variables) < 100; i += 2 {
		if len(parts[i]) > 0 && !reserved[string(parts[i])] {
			variables = append(variables, token.Variable{Name: string(parts[i]), Value: string(parts[i+1])})
		}
	}
	return variables
}

// reserved are the names that encoders add by themselves.
var reserved = map[string]bool{"CONTENT_LENGTH": true, "SCGI": true}

// Identity decodes what an encoder made of variables and a content, in odd pieces, and wants them back.
func (p Protocol) Identity(t testing.TB, encoded []byte, variables []token.Variable, content []byte) {
	t.Helper()
	got := p.Transcribe(t, string(encoded), Odd(int64(len(encoded))))
	if got.failure != nil || got.end != nil || !got.Requests[0].Complete {
		t.Fatalf("%.200q is not decoded: %v %v %.900s", encoded, got.failure, got.end, got)
	}
	var decoded []token.Variable
	for _, v := range got.Requests[0].Variables {
		if !reserved[v.Name] {
			decoded = append(decoded, v)
		}
	}
	if len(decoded) != len(variables) {
		t.Fatalf("%d variables became %d", len(variables), len(decoded))
	}
	for i, v := range decoded {
		if v.Name != variables[i].Name || v.Value != variables[i].Value {
			t.Fatalf("%+v became %+v", variables[i], v)
		}
	}
	if got.Requests[0].Content != string(content) {
		t.Fatalf("%.200q became %.200q", content, got.Requests[0].Content)
	}
}

// Ends wants what EndOfInput says after some input: the rule, or "" for nothing.
func (p Protocol) Ends(t *testing.T, cases [][2]string) {
	for _, c := range cases {
		end := p.Transcribe(t, c[0], Whole).end
		got := ""
		if end != nil {
			got = end.(*parser.SyntaxError).Rule
		}
		if got != c[1] {
			t.Errorf("after %q: %q, want %q", c[0], got, c[1])
		}
	}
}
