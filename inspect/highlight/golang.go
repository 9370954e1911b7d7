package highlight

import "github.com/alecthomas/chroma/v2"

// goRules follow the Go specification, "Lexical elements". A string that its line does not end is ended by it: where no
// rule takes a line's end, chroma goes back to root.
func goRules() chroma.Rules {
	const escape = `\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[^\n])`
	return chroma.Rules{
		"root": {
			{Pattern: `\s+`, Type: chroma.Text},
			{Pattern: `//[^\n]*`, Type: chroma.Comment},
			{Pattern: `/\*`, Type: chroma.Comment, Mutator: chroma.Push("comment")},
			{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Push("string")},
			{Pattern: "`", Type: chroma.LiteralString, Mutator: chroma.Push("raw string")},
			{Pattern: `'(?:` + escape + `|[^'\\\n])'`, Type: chroma.LiteralStringChar},
			{Pattern: `(?:break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|` +
				`package|range|return|select|struct|switch|type|var)\b`, Type: chroma.Keyword},
			{Pattern: `(?:true|false|iota|nil)\b`, Type: chroma.KeywordConstant},
			{Pattern: `(?<!\.)(?:append|cap|clear|close|complex|copy|delete|imag|len|make|max|min|new|panic|print|println|real|recover|` +
				goTypes + `)(?=\()`, Type: chroma.NameBuiltin},
			{Pattern: `(?<!\.)(?:` + goTypes + `)\b`, Type: chroma.KeywordType},
			{Pattern: `(?>[_\p{L}]\w*)(?=\()`, Type: chroma.NameFunction},
			{Pattern: `[_\p{L}]\w*`, Type: chroma.Name},
			{Pattern: `0[xX][0-9a-fA-F_.]+(?:[pP][-+]?[0-9_]+)?i?|0[bBoO][0-9_]+i?`, Type: chroma.LiteralNumber},
			{Pattern: `(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9_]+)?i?`, Type: chroma.LiteralNumber},
			{Pattern: "[^\\w\\s\"'`./]+|[./']", Type: chroma.Operator},
		},
		"comment": {
			{Pattern: `\*/`, Type: chroma.Comment, Mutator: chroma.Pop(1)},
			{Pattern: `[^*]+|\*`, Type: chroma.Comment},
		},
		"string": {
			{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `[^"\\\n]+|\\[^\n]|\\`, Type: chroma.LiteralString},
		},
		"raw string": {
			{Pattern: "`", Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: "[^`]+", Type: chroma.LiteralString},
		},
	}
}

const goTypes = `any|bool|byte|comparable|complex64|complex128|error|float32|float64|u?int(?:8|16|32|64)?|uintptr|rune|string`
