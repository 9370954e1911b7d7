package learn

import (
	"fmt"
	"io"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"

	"glasswsgi/tutorial"
)

// writeMarkdown shows a text nearly as it is written, for Markdown reads well; but its lines are those of the terminal, and
// code stands without the fences.
func writeMarkdown(w io.Writer, markdown string, width int) {
	p := &printer{w: w, source: []byte(markdown), width: width}
	if strings.HasPrefix(markdown, "\n") {
		fmt.Fprintln(w)
	}
	p.blocks(tutorial.Markdown().Parser().Parse(text.NewReader(p.source)), "", "")
	if strings.HasSuffix(markdown, "\n\n") {
		fmt.Fprintln(w)
	}
}

// printer writes the blocks of one text. What is inside of a line stays as it was written.
type printer struct {
	w      io.Writer
	source []byte
	width  int
}

// blocks writes the children of a block: the first line behind one prefix, the others behind another.
func (p *printer) blocks(parent ast.Node, first, rest string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n.PreviousSibling() != nil {
			first = rest
			if _, table := n.(*extension.Table); table || n.HasBlankPreviousLines() {
				fmt.Fprintln(p.w)
			}
		}
		p.block(n, first, rest)
	}
}

func (p *printer) block(n ast.Node, first, rest string) {
	switch n := n.(type) {
	case *ast.Heading:
		p.paragraph(first + strings.Repeat("#", n.Level) + " " + p.joined(n))
	case *ast.List:
		p.list(n, first, rest)
	case *ast.Blockquote:
		p.blocks(n, first+"> ", rest+"> ")
	case *ast.FencedCodeBlock:
		p.code(n, rest)
	case *ast.CodeBlock:
		p.verbatim(string(n.Lines().Value(p.source)), rest+"    ")
	case *extension.Table:
		p.table(n)
	case *ast.ThematicBreak:
		fmt.Fprintln(p.w, first+"---")
	case *ast.HTMLBlock:
		p.verbatim(string(n.Lines().Value(p.source)), rest)
	default:
		p.paragraph(first + p.joined(n))
	}
}

func (p *printer) paragraph(line string) { io.WriteString(p.w, fold(line+"\n", p.width)) }

// verbatim writes lines as they are, behind an indent.
func (p *printer) verbatim(lines, indent string) {
	for line := range strings.Lines(lines) {
		fmt.Fprint(p.w, indent, strings.ReplaceAll(line, "\t", "    "))
	}
}

func (p *printer) list(list *ast.List, first, rest string) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := string(list.Marker) + " "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d%c ", number, list.Marker)
			number++
		}
		if item.PreviousSibling() != nil {
			first = rest
			if item.HasBlankPreviousLines() {
				fmt.Fprintln(p.w)
			}
		}
		p.blocks(item, first+mark, rest+strings.Repeat(" ", len(mark)))
	}
}

func (p *printer) code(n *ast.FencedCodeBlock, indent string) {
	code, err := tutorial.ReadCode(n, p.source)
	if err != nil { // a test of the texts says so
		code.Text = string(n.Lines().Value(p.source))
	}
	if from := code.Options["from"]; from != "" {
		fmt.Fprintf(p.w, "%s    %s:\n\n", indent, tutorial.Caption(from))
	}
	p.verbatim(tutorial.Outdent(code.Text), indent+"    ")
}

// joined makes one line of a block's lines. Between Chinese characters there is no space.
func (p *printer) joined(n ast.Node) (all string) {
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		all = join(all, strings.TrimSpace(string(segment.Value(p.source))))
	}
	return all
}

func join(before, after string) string {
	if before == "" || after == "" {
		return before + after
	}
	last, first := []rune(before), []rune(after)
	if wide(last[len(last)-1]) && wide(first[0]) {
		return before + after
	}
	return before + " " + after
}

// table puts the cells below each other. What is too wide for the last column goes on in it.
func (p *printer) table(table *extension.Table) {
	var rows [][]string
	var widths []int
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			text := p.joined(cell)
			if len(cells) == len(widths) {
				widths = append(widths, 0)
			}
			widths[len(cells)] = max(widths[len(cells)], columns(text))
			cells = append(cells, text)
		}
		rows = append(rows, cells)
	}
	for n, cells := range rows {
		p.row(cells, widths)
		if n == 0 {
			fmt.Fprintf(p.w, "  %s\n", strings.Repeat("─", max(0, min(sum(widths)+2*(len(widths)-1), max(p.width, 40)-4))))
		}
	}
}

func (p *printer) row(cells []string, widths []int) {
	row := " "
	for i, cell := range cells[:len(cells)-1] {
		row += " " + cell + strings.Repeat(" ", widths[i]-columns(cell)+1)
	}
	last, indent := cells[len(cells)-1], columns(row)+1
	if room := p.width - indent; p.width > 0 && room > p.width/4 {
		last = strings.ReplaceAll(strings.TrimRight(fold(last, room), "\n"), "\n", "\n"+strings.Repeat(" ", indent))
	}
	fmt.Fprintf(p.w, "%s %s\n", row, last)
}

func sum(all []int) (n int) {
	for _, v := range all {
		n += v
	}
	return n
}
