package highlight

import (
	"slices"
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// pythonRules follow the Python language reference, "Lexical analysis".
func pythonRules() chroma.Rules {
	rules := chroma.Rules{
		"root": slices.Concat(pythonLines(), []chroma.Rule{{Pattern: `\s`, Type: chroma.Text}}, pythonExpression()),
	}
	for _, quotes := range []string{`"""`, `'''`, `"`, `'`} {
		for _, raw := range []string{"", "r"} {
			for _, formatted := range []string{"", "f"} {
				rules[formatted+raw+quotes] = pythonString(quotes, raw != "", formatted != "")
			}
		}
		if len(quotes) == 3 {
			rules["doc"+quotes] = docstring(quotes)
		}
	}
	for _, quotes := range []string{"'", "'''"} {
		pythonField(rules, quotes)
	}
	return rules
}

// pythonLines are what must be the first of its line.
func pythonLines() []chroma.Rule {
	return []chroma.Rule{
		{Pattern: `^([^\S\n]*)([rRuU]?""")`, Type: chroma.ByGroups(chroma.Text, chroma.LiteralStringDoc), Mutator: chroma.Push(`doc"""`)},
		{Pattern: `^([^\S\n]*)([rRuU]?''')`, Type: chroma.ByGroups(chroma.Text, chroma.LiteralStringDoc), Mutator: chroma.Push(`doc'''`)},
		{Pattern: `^([^\S\n]*)(@[_\p{L}][\w.]*)`, Type: chroma.ByGroups(chroma.Text, chroma.NameDecorator)},
		{Pattern: `^([^\S\n]*)(match|case|type)(?=[^\S\n]+[\w"'(\[{-])`, Type: chroma.ByGroups(chroma.Text, chroma.Keyword)},
	}
}

// pythonExpression are what may stand anywhere, white space aside.
func pythonExpression() []chroma.Rule {
	return []chroma.Rule{
		{Pattern: `[^\S\n]+`, Type: chroma.Text},
		{Pattern: `#[^\n]*`, Type: chroma.Comment},
		{Pattern: `(?i:[bu]|[rft]|br|rb|[ft]r|r[ft])?("""|'''|"|')`, Type: chroma.LiteralString, Mutator: chroma.MutatorFunc(beginString)},
		{Pattern: `(def|class)([^\S\n]+)([_\p{L}]\w*)`, Type: chroma.ByGroups(chroma.Keyword, chroma.Text, chroma.NameFunction)},
		{Pattern: `(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|` +
			`lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|False|None|True)\b`, Type: chroma.Keyword},
		{Pattern: `__\w+__(?=\()`, Type: chroma.NameFunctionMagic},
		{Pattern: `(?<!\.)(?:self|cls|Ellipsis|NotImplemented|` + pythonBuiltins + `|` + pythonExceptions + `)\b`, Type: chroma.NameBuiltin},
		{Pattern: `[_\p{L}]\w*`, Type: chroma.Name},
		{Pattern: `0[xX][0-9a-fA-F_]+|0[oObB][0-9_]+`, Type: chroma.LiteralNumber},
		{Pattern: `(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9_]+)?[jJ]?`, Type: chroma.LiteralNumber},
		{Pattern: `[-+*/%=<>!&|^~@,;]+|[.:(){}\[\]\\]`, Type: chroma.Operator},
	}
}

const (
	pythonBuiltins = `__import__|abs|aiter|all|anext|any|ascii|bin|bool|breakpoint|bytearray|bytes|callable|chr|classmethod|compile|` +
		`complex|delattr|dict|dir|divmod|enumerate|eval|exec|filter|float|format|frozenset|getattr|globals|hasattr|hash|help|hex|` +
		`id|input|int|isinstance|issubclass|iter|len|list|locals|map|max|memoryview|min|next|object|oct|open|ord|pow|print|` +
		`property|range|repr|reversed|round|set|setattr|slice|sorted|staticmethod|str|sum|super|tuple|type|vars|zip`
	pythonExceptions = `(?:Arithmetic|Assertion|Attribute|BlockingIO|BrokenPipe|Buffer|ChildProcess|Connection|ConnectionAborted|` +
		`ConnectionRefused|ConnectionReset|EOF|FileExists|FileNotFound|FloatingPoint|IO|Import|Indentation|Index|Interrupted|` +
		`IsADirectory|Key|Lookup|Memory|ModuleNotFound|Name|NotADirectory|NotImplemented|OS|Overflow|Permission|ProcessLookup|` +
		`Recursion|Reference|Runtime|Syntax|System|Tab|Timeout|Type|UnboundLocal|Unicode|UnicodeDecode|UnicodeEncode|` +
		`UnicodeTranslate|Value|ZeroDivision)Error|(?:Base)?Exception(?:Group)?|GeneratorExit|KeyboardInterrupt|StopIteration|` +
		`StopAsyncIteration|SystemExit|(?:Bytes|Deprecation|Encoding|Future|Import|PendingDeprecation|Resource|Runtime|Syntax|` +
		`Unicode|User)?Warning`
)

// beginString pushes the state for a string's prefix and quotes: f, r, or both, and the quotes.
func beginString(s *chroma.LexerState) error {
	quotes := s.Groups[1]
	prefix := strings.ToLower(strings.TrimSuffix(s.Groups[0], quotes))
	state := quotes
	if strings.Contains(prefix, "r") {
		state = "r" + state
	}
	if strings.ContainsAny(prefix, "ft") {
		state = "f" + state
	}
	s.Stack = append(s.Stack, state)
	return nil
}

// pythonString has a string's rules behind its quotes. One in single quotes ends with its line at the latest: where no
// rule takes a line's end, chroma goes back to root.
func pythonString(quotes string, raw, formatted bool) []chroma.Rule {
	const s = chroma.LiteralString
	rules := []chroma.Rule{{Pattern: quotes, Type: s, Mutator: chroma.Pop(1)}}
	if formatted && !raw {
		rules = append(rules, chroma.Rule{Pattern: `\\N\{[A-Za-z0-9 -]+\}`, Type: s})
	}
	if formatted {
		field := "field" + strings.Repeat("'", len(quotes))
		rules = append(rules, chroma.Rule{Pattern: `\{\{|\}`, Type: s}, chroma.Rule{Pattern: `\{`, Type: s, Mutator: chroma.Push(field)})
	}
	rules = append(rules, chroma.Rule{Pattern: `\\[^{}]`, Type: s}) // the quote behind it does not end a raw string either
	if len(quotes) == 3 {
		rules = append(rules, chroma.Rule{Pattern: `\n`, Type: s})
	}
	return append(rules, chroma.Rule{Pattern: `[^\\"'{}\n]+|[\\"'{}]`, Type: s})
}

func docstring(quotes string) []chroma.Rule {
	const doc = chroma.LiteralStringDoc
	return []chroma.Rule{
		{Pattern: quotes, Type: doc, Mutator: chroma.Pop(1)},
		{Pattern: `[^\\"']+|\\(?:\n|.)|[\\"']`, Type: doc},
	}
}

// pythonField adds the states of a replacement field, {expression!r:format}: with lines in it, or without.
func pythonField(rules chroma.Rules, quotes string) {
	const s = chroma.LiteralString
	field, nested, format := "field"+quotes, "nested"+quotes, "format"+quotes
	var space []chroma.Rule
	formatText := `[^{}\n]+`
	if len(quotes) == 3 {
		space, formatText = []chroma.Rule{{Pattern: `\n`, Type: chroma.Text}}, `[^{}]+`
	}
	open := chroma.Rule{Pattern: `[(\[{]`, Type: chroma.Operator, Mutator: chroma.Push(nested)}
	rules[field] = slices.Concat([]chroma.Rule{
		{Pattern: `\}`, Type: s, Mutator: chroma.Pop(1)},
		{Pattern: `![sra](?=[:}])`, Type: s},
		{Pattern: `:`, Type: s, Mutator: chroma.Mutators(chroma.Pop(1), chroma.Push(format))},
		open,
	}, space, pythonExpression())
	rules[nested] = slices.Concat([]chroma.Rule{
		{Pattern: `[)\]}]`, Type: chroma.Operator, Mutator: chroma.Pop(1)},
		open,
	}, space, pythonExpression())
	rules[format] = []chroma.Rule{
		{Pattern: `\}`, Type: s, Mutator: chroma.Pop(1)},
		{Pattern: `\{`, Type: s, Mutator: chroma.Push(field)},
		{Pattern: formatText, Type: s},
	}
}
