package learn

import (
	"fmt"
	"io"
	"strings"

	"glasswsgi/tutorial"
)

// writeMarkdown shows a text nearly as it is written, for Markdown reads well; but its lines are those of the terminal, and
// code stands without the fences.
func writeMarkdown(w io.Writer, text string, width int) {
	var paragraph, table []string
	var code *strings.Builder
	flush := func() {
		if len(paragraph) > 0 {
			io.WriteString(w, fold(join(paragraph)+"\n", width))
		}
		writeTable(w, table, width)
		paragraph, table = nil, nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		fence, opens := strings.CutPrefix(line, "```")
		switch {
		case opens && code == nil:
			flush()
			code = new(strings.Builder)
			if _, from, ok := strings.Cut(fence, "from="); ok {
				fmt.Fprintf(w, "    %s:\n\n", tutorial.Caption(from))
			}
		case opens:
			for line := range strings.Lines(tutorial.Outdent(code.String())) {
				fmt.Fprint(w, "    ", strings.ReplaceAll(line, "\t", "    "))
			}
			code = nil
		case code != nil:
			code.WriteString(line + "\n")
		case strings.TrimSpace(line) == "":
			flush()
			fmt.Fprintln(w)
		case strings.HasPrefix(line, "|"):
			table = append(table, line)
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "#"):
			flush()
			paragraph = append(paragraph, line)
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
}

// join makes one line of a paragraph. Between Chinese characters there is no space.
func join(lines []string) string {
	all := lines[0]
	for _, line := range lines[1:] {
		line = strings.TrimSpace(line)
		before, after := []rune(all), []rune(line)
		if !wide(before[len(before)-1]) || !wide(after[0]) {
			all += " "
		}
		all += line
	}
	return all
}

// writeTable puts the cells below each other. What is too wide for the last column goes on in it.
func writeTable(w io.Writer, lines []string, width int) {
	var rows [][]string
	var widths []int
	for _, line := range lines {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if strings.Trim(line, "|-: ") == "" {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], columns(cells[i]))
		}
		rows = append(rows, cells)
	}
	for n, cells := range rows {
		row := " "
		for i, cell := range cells[:len(cells)-1] {
			row += " " + cell + strings.Repeat(" ", widths[i]-columns(cell)+1)
		}
		last, indent := cells[len(cells)-1], columns(row)+1
		if room := width - indent; width > 0 && room > width/4 {
			last = strings.ReplaceAll(strings.TrimRight(fold(last, room), "\n"), "\n", "\n"+strings.Repeat(" ", indent))
		}
		fmt.Fprintf(w, "%s %s\n", row, last)
		if n == 0 {
			fmt.Fprintf(w, "  %s\n", strings.Repeat("─", max(0, min(sum(widths)+2*(len(widths)-1), max(width, 40)-4))))
		}
	}
}

func sum(all []int) (n int) {
	for _, v := range all {
		n += v
	}
	return n
}
