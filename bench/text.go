package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report for a terminal: the tables, what was reached, and what spoilt the figures.
func (r *Report) WriteText(w io.Writer) error {
	for _, result := range r.Workloads {
		fmt.Fprintf(w, "\n%s\n", result.Title)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range result.Table() {
			fmt.Fprintln(table, "  "+strings.Join(row, "\t"))
		}
		table.Flush()
		for _, v := range result.Verdicts() {
			fmt.Fprintf(w, "  %s: %s\n", v.Text, strings.TrimSuffix(v.Word()+", "+v.Got, ", "))
			if v.Limit != "" {
				fmt.Fprintf(w, "    %s\n", v.Limit)
			}
		}
		for _, line := range result.troublesOfAll() {
			fmt.Fprintln(w, "  "+line)
		}
		result.writeProfile(w)
	}
	fmt.Fprintln(w)
	for _, remark := range r.Remarks {
		fmt.Fprintln(w, remark)
	}
	for _, s := range r.Servers {
		if s.Missing != "" {
			fmt.Fprintf(w, "%s: %s.\n", s.Name, s.Missing)
		}
	}
	return nil
}

func (w *WorkloadResult) writeProfile(out io.Writer) {
	text := w.ProfileText()
	if text == "" {
		return
	}
	fmt.Fprintf(out, "  %s\n", text)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range w.ProfileRows() {
		fmt.Fprintf(table, "%s\t%s\t  %s\n", row.Time, row.Share, row.Title)
	}
	table.Flush()
}

// tableColumns are those of the tables for people; report.json has all.
var tableColumns = map[string]bool{"rate": true, "bytes": true, "of_ideal": true, "kept": true, "p50": true, "p99": true, "p999": true,
	"open_p99": true, "cpu": true, "memory": true, "idle_memory": true, "held": true, "start": true}

// Table has a row for each server, under a row of heads. The second column is the throughput as glass's multiple of it.
func (w *WorkloadResult) Table() (rows [][]string) {
	head := []string{"server"}
	var columns []Metric
	for _, column := range w.columns() {
		if !tableColumns[column.Key] {
			continue
		}
		columns = append(columns, column)
		head = append(head, column.Short)
		if column.Key == "rate" {
			head = append(head, "glass is")
		}
	}
	rows = append(rows, head)
	for _, server := range w.Servers {
		row := []string{server}
		for _, column := range columns {
			row = append(row, w.cell(server, column))
			if column.Key == "rate" {
				row = append(row, w.ratioCell(server))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// unsure stands in the place of an interval that would tell nothing.
const unsure = " (unsure)"

// cell is a mean, that of a throughput with half of its interval.
func (w *WorkloadResult) cell(server string, m Metric) string {
	e := Estimated(w.values(server, m.Key))
	switch {
	case e.Rounds == 0:
		return "-"
	case m.Key != "rate":
		return m.Write(e.Mean)
	case e.Steady():
		return fmt.Sprintf("%s ±%.0f %%", m.Write(e.Mean), 100*(e.High-e.Mean)/e.Mean)
	}
	return m.Write(e.Mean) + unsure
}

func (w *WorkloadResult) ratioCell(server string) string {
	e := Ratio(w.byRound(subject, "rate"), w.byRound(server, "rate"))
	switch {
	case e.Rounds == 0 || server == subject:
		return ""
	case e.Steady():
		return fmt.Sprintf("%.2f × (%.2f to %.2f)", e.Mean, e.Low, e.High)
	}
	return fmt.Sprintf("%.2f ×", e.Mean) + unsure
}

// troublesOfAll are errors and notes, and who was left out.
func (w *WorkloadResult) troublesOfAll() (lines []string) {
	for _, server := range w.Servers {
		for _, text := range w.troubles(server) {
			lines = append(lines, server+": "+text)
		}
	}
	for server, why := range sorted(w.LeftOut) {
		lines = append(lines, server+" is left out: "+why)
	}
	return lines
}

// List names the servers, with their versions or what they need, and the workloads.
func List(w io.Writer, o *Options) error {
	servers, err := Servers(o)
	if err != nil {
		return err
	}
	workloads, err := o.chosenWorkloads()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range servers {
		fmt.Fprintf(table, "server\t%s\t%s%s\n", s.Name, s.Found, s.Missing)
	}
	for _, workload := range workloads {
		fmt.Fprintf(table, "workload\t%s\t%s\n", workload.Name, workload.Title)
	}
	return table.Flush()
}
