package highlight

import "github.com/alecthomas/chroma/v2"

// httpRules are those of requests and responses, of several in turn, and of single lines of a head.
func httpRules() chroma.Rules {
	const lineEnds = `(?=\r?(?:\n|\z))`
	requestLine := chroma.Rule{
		Pattern: `^([!#$%&'*+.^_|~\w-]+)( )([^ \r\n]+)( )(HTTP/[0-9]\.[0-9])` + lineEnds,
		Type:    chroma.ByGroups(chroma.NameFunction, chroma.Text, chroma.LiteralString, chroma.Text, chroma.Keyword),
	}
	statusLine := chroma.Rule{
		Pattern: `^(HTTP/[0-9]\.[0-9])( )([0-9]{3})([^\r\n]*)`,
		Type:    chroma.ByGroups(chroma.Keyword, chroma.Text, chroma.LiteralNumber, chroma.Text),
	}
	return chroma.Rules{
		"root": { // a head
			requestLine,
			statusLine,
			{Pattern: `^([^\s:]+)([ \t]*:)`, Type: chroma.ByGroups(chroma.NameAttribute, chroma.Text)},
			{Pattern: `^\r?\n`, Type: chroma.Text, Mutator: chroma.Push("body")},
			{Pattern: `[^\r\n]+|\r?\n|\r`, Type: chroma.Text},
		},
		"body": {
			back(requestLine),
			back(statusLine),
			{Pattern: `</?[a-zA-Z][^<>\r\n]*>`, Type: chroma.Keyword}, // what most examples answer with is HTML
			{Pattern: `[^<\r\n]+|<|\r?\n|\r`, Type: chroma.Text},
		},
	}
}

// back makes of a rule one that also ends its state.
func back(rule chroma.Rule) chroma.Rule {
	rule.Mutator = chroma.Pop(1)
	return rule
}
