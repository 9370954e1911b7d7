package highlight

import "github.com/alecthomas/chroma/v2"

// consoleRules are those of a session: a command follows each "$ " at the beginning of a line, and then what it printed.
func consoleRules() chroma.Rules {
	return chroma.Rules{
		"root": {
			{Pattern: `^\$ `, Type: chroma.GenericPrompt, Mutator: chroma.Push("command", "program")},
			{Pattern: `[^\n]+|\n`, Type: chroma.GenericOutput},
		},
		"program": { // the first word, behind variables that are set for it
			{Pattern: `[^\S\n]+`, Type: chroma.Text},
			{Pattern: `\w+=[^\s'"]*`, Type: chroma.NameVariable},
			{Pattern: `[^\s|&;()<>'"$#\\]+`, Type: chroma.NameFunction, Mutator: chroma.Pop(1)},
			chroma.Default(chroma.Pop(1)),
		},
		"command": {
			{Pattern: `\n`, Type: chroma.Text, Mutator: chroma.Pop(1)},
			{Pattern: `\\(?:\n|.)`, Type: chroma.Text},
			{Pattern: `(?<=\s)#[^\n]*`, Type: chroma.Comment},
			{Pattern: `'`, Type: chroma.LiteralString, Mutator: chroma.Push("single quotes")},
			{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Push("double quotes")},
			{Pattern: `\$(?:\{[^}\n]*\}|\w+|[?!$#@*])`, Type: chroma.NameVariable},
			{Pattern: `[0-9]?[<>]+(?:&[0-9])?`, Type: chroma.Operator},
			{Pattern: `(?:\$\(|[|&;(])+`, Type: chroma.Operator, Mutator: chroma.Push("program")},
			{Pattern: `[^\S\n]+`, Type: chroma.Text},
			{Pattern: `[^\s|&;()<>'"$\\]+|[)$]`, Type: chroma.Text},
		},
		"single quotes": {
			{Pattern: `'`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `[^']+`, Type: chroma.LiteralString},
		},
		"double quotes": {
			{Pattern: `"`, Type: chroma.LiteralString, Mutator: chroma.Pop(1)},
			{Pattern: `[^"\\]+|\\(?:\n|.)|\\`, Type: chroma.LiteralString},
		},
	}
}
