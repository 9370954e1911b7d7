package relatives

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"glasswsgi/parser"
)

// Print writes a form: of a dictionary an entry a line, of a message a token a line.
func (f *Form) Print(w io.Writer) error {
	switch {
	case f.Problem != "":
		return fmt.Errorf("%s: %s", f.Title, f.Problem)
	case f.Tokens == nil:
		fmt.Fprintf(w, "%-24s %-12s %s\n", "KEY", "BYTES", "VALUE")
		for _, e := range f.Entries {
			fmt.Fprintf(w, "%-24s %-12s %s\n", e.Key, ranges(e.Wire), e.quoted())
		}
		return nil
	}
	fmt.Fprintf(w, "%-12s %-22s %-*s %s\n", "BYTES", "TOKEN", hexWidth, "HEX", "MEANING")
	for _, t := range f.Tokens {
		line := fmt.Sprintf("%-12v %-22s %-*s %s", parser.Span{Start: t.Start, End: t.End}, t.Name, hexWidth, hex(f.Message[t.Start:t.End]), printable(t.Text))
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	return nil
}

const (
	hexBytes = 8            // of a token that are shown
	hexWidth = 3 * hexBytes // with a blank or an ellipsis behind each
)

func hex(b []byte) string {
	if len(b) <= hexBytes {
		return fmt.Sprintf("% x", b)
	}
	return fmt.Sprintf("% x…", b[:hexBytes])
}

// printable is text without control characters.
func printable(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// quoted is the value as it is printed.
func (e *Entry) quoted() string {
	if e.Literal {
		return e.Value
	}
	return fmt.Sprintf("%q", e.Value)
}

func ranges(spans []parser.Span) string {
	var all []string
	for _, span := range spans {
		all = append(all, span.String())
	}
	return strings.Join(all, " ")
}

// Print writes all forms side by side: what the dictionaries call a thing, and where it lies in the messages.
func Print(w io.Writer, forms []Form) error {
	var dictionaries, messages []Form
	for _, f := range forms {
		if f.Length > 0 || f.Problem != "" {
			messages = append(messages, f)
		} else {
			dictionaries = append(dictionaries, f)
		}
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	printKeys(table, dictionaries)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\n=  the same key.  -  nothing of the kind.\n\nWhere the value lies, in bytes:")
	fmt.Fprintln(w)
	printPlaces(table, dictionaries[0], messages)
	if err := table.Flush(); err != nil {
		return err
	}
	for _, f := range messages {
		if f.Problem != "" {
			fmt.Fprintf(w, "%s: %s\n", f.Title, f.Problem)
		}
	}
	return nil
}

// printKeys writes the first table. After the value stands what a relative has in place of it.
func printKeys(w io.Writer, forms []Form) {
	for _, f := range forms {
		fmt.Fprint(w, f.Title, "\t")
	}
	fmt.Fprintln(w, "VALUE")
	for _, row := range Rows(forms) {
		var cells []string
		value, first := "", row.Cells[0]
		if first != nil {
			value = first.quoted()
		}
		for i, e := range row.Cells {
			cells = append(cells, keyCell(e, first))
			if e != nil && first != nil && !e.Literal && e.Value != first.Value {
				value += fmt.Sprintf("; %s in %s", e.quoted(), forms[i].Title)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join(append(cells, value), "\t"), "\t"))
	}
}

// keyCell is what a relative calls the thing of a row; with its value where that is a literal of its language.
func keyCell(e, first *Entry) string {
	switch {
	case e == nil:
		return "-"
	case e == first:
		return e.Key
	case first == nil, e.Literal && e.Value != first.Value:
		return e.Key + " " + e.Value
	case e.Key == first.Key:
		return "="
	}
	return e.Key
}

// printPlaces writes the second table.
func printPlaces(w io.Writer, http Form, messages []Form) {
	fmt.Fprint(w, "KEY\tHTTP")
	for _, f := range messages {
		fmt.Fprint(w, "\t", f.Title)
	}
	fmt.Fprintln(w)
	for _, row := range Rows(append([]Form{http}, messages...)) {
		if line, any := places(row); any {
			fmt.Fprintln(w, line)
		}
	}
}

// places says where the value of a row lies; any is false where it lies in none of the messages.
func places(row Row) (line string, any bool) {
	line = row.Of
	for i, e := range row.Cells {
		cell := "-"
		if e != nil && len(e.Wire) > 0 {
			cell = ranges(e.Wire)
			if i > 0 && e.Key != row.Of {
				cell = e.Key + " " + cell
			}
			any = true
		}
		line += "\t" + cell
	}
	return line, any
}
