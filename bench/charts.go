package bench

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"

	"glasswsgi/inspect"
)

// Chart is a picture of a workload.
type Chart struct {
	Name string // of its file, without .svg
	Says string // for those who do not see it
	SVG  []byte
}

// Colours that can be told apart by those who see few (Okabe and Ito), on light and on dark.
var palette = []color.Color{
	color.RGBA{0x00, 0x72, 0xb2, 0xff}, color.RGBA{0xe6, 0x9f, 0x00, 0xff}, color.RGBA{0x00, 0x9e, 0x73, 0xff},
	color.RGBA{0xd5, 0x5e, 0x00, 0xff}, color.RGBA{0xcc, 0x79, 0xa7, 0xff}, color.RGBA{0x56, 0xb4, 0xe9, 0xff},
	color.RGBA{0x99, 0x99, 0x00, 0xff},
}

var (
	ours   = palette[0]
	theirs = color.RGBA{0x9a, 0xa5, 0xb1, 0xff}
)

const (
	chartWidth = 7.2 * vg.Inch
	rowHeight  = 0.32 * vg.Inch
	chartFrame = 0.9 * vg.Inch
	legendRow  = 0.155 * vg.Inch
)

// Charts draws what there is to draw of a workload.
func (w *WorkloadResult) Charts() (charts []Chart, err error) {
	draw := func(name, says string, height vg.Length, p *plot.Plot) {
		if p == nil || err != nil {
			return
		}
		var svg []byte
		if svg, err = render(p, height); err == nil {
			charts = append(charts, Chart{Name: w.Name + "-" + name, Says: w.Title + ": " + says, SVG: svg})
		}
	}
	for _, key := range []string{"rate", "cpu", "idle_memory"} {
		metric, _ := MetricOf(key)
		p, rows := w.bars(metric)
		draw(key, metric.Title, chartFrame+vg.Length(rows)*rowHeight, p)
	}
	draw("latency", "latencies by percentile", 3.6*vg.Inch, w.curves())
	draw("where", "where the time of a request goes on glass", 2.2*vg.Inch, w.stack())
	p, rows := w.cpuStack()
	draw("profile", "where the CPU time of a request goes on glass", chartFrame+vg.Length(rows)*legendRow, p)
	return charts, err
}

// bars compares the servers in one metric, the best on top, with the intervals of confidence.
func (w *WorkloadResult) bars(m Metric) (p *plot.Plot, rows int) {
	var names []string
	var estimates []Estimate
	for _, server := range w.Servers {
		if e := Estimated(w.values(server, m.Key)); e.Rounds > 0 {
			names, estimates = append(names, server), append(estimates, e)
		}
	}
	if len(names) < 2 {
		return nil, 0
	}
	sortTogether(names, estimates, m.Highest)
	p = newPlot("")
	spread := errorBars{}
	for i, name := range names {
		bar, err := plotter.NewBarChart(plotter.Values{estimates[i].Mean}, 0.62*rowHeight)
		if err != nil {
			return nil, 0
		}
		bar.Horizontal, bar.XMin, bar.LineStyle.Width, bar.Color = true, float64(i), 0, theirs
		if strings.HasPrefix(name, "glass") {
			bar.Color = ours
		}
		p.Add(bar)
		spread.add(float64(i), estimates[i])
	}
	if marks, err := plotter.NewXErrorBars(spread); err == nil && spread.known {
		p.Add(marks)
	}
	p.NominalY(names...)
	p.X.Min = 0
	p.X.Tick.Marker = ticks{m.Write}
	return p, len(names)
}

// errorBars are those of horizontal bars.
type errorBars struct {
	plotter.XYs
	plotter.XErrors
	known bool
}

func (b *errorBars) add(row float64, e Estimate) {
	b.XYs = append(b.XYs, plotter.XY{X: e.Mean, Y: row})
	low, high := e.Mean-max(e.Low, 0), e.High-e.Mean
	b.XErrors = append(b.XErrors, struct{ Low, High float64 }{low, high})
	b.known = b.known || e.Known()
}

// sortTogether puts the best last, which is on top of a chart.
func sortTogether(names []string, estimates []Estimate, highest bool) {
	for i := range names {
		for j := i; j > 0 && (estimates[j].Mean < estimates[j-1].Mean) == highest && estimates[j].Mean != estimates[j-1].Mean; j-- {
			estimates[j], estimates[j-1] = estimates[j-1], estimates[j]
			names[j], names[j-1] = names[j-1], names[j]
		}
	}
}

// curves are the latencies of each server by percentile: the right end is what the unlucky see.
func (w *WorkloadResult) curves() *plot.Plot {
	p := newPlot("")
	p.X.Label.Text, p.Y.Label.Text = "percentile", "latency"
	drawn := 0
	for i, server := range w.Servers {
		latencies, any := w.latencies(server)
		if !any || server == "glass native" {
			continue
		}
		points := plotter.XYs{}
		for x := 0.0; x <= nines; x += 0.05 {
			quantile := 1 - math.Pow(10, -x)
			if wanted := math.Pow(10, x); x > 0 && wanted > float64(latencies.TotalCount()) {
				break // fewer answers than one in so many
			}
			points = append(points, plotter.XY{X: x, Y: latencies.At(quantile).Seconds()})
		}
		line, err := plotter.NewLine(points)
		if err != nil || len(points) < 2 {
			continue
		}
		line.Color, line.Width = palette[i%len(palette)], vg.Points(1.4)
		if i >= len(palette) {
			line.Dashes = []vg.Length{vg.Points(4), vg.Points(2)}
		}
		if server == subject {
			line.Width = vg.Points(3)
		}
		p.Add(line)
		p.Legend.Add(server, line)
		drawn++
	}
	if drawn == 0 {
		return nil
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs = vg.Points(6)
	p.X.Tick.Marker = percentiles{}
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = logTicks{}
	return p
}

// nines is the last percentile that is drawn: 99.99.
const nines = 4

// stack is one bar, of the phases of a request.
func (w *WorkloadResult) stack() *plot.Plot {
	if w.Where == nil || w.Where.Exchanges == 0 {
		return nil
	}
	p := newPlot("")
	var below *plotter.BarChart
	for i, phase := range inspect.Phases {
		bar, err := plotter.NewBarChart(plotter.Values{w.Where.Seconds[phase]}, 0.7*rowHeight)
		if err != nil {
			return nil
		}
		bar.Horizontal, bar.LineStyle.Width, bar.Color = true, 0, palette[i%len(palette)]
		if below != nil {
			bar.StackOn(below)
		}
		below = bar
		p.Add(bar)
		p.Legend.Add(fmt.Sprintf("%s %s", phaseTitles[phase], writeTime(w.Where.Seconds[phase])), bar)
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.Y.Max = 3.6 // room for the legend
	p.Y.Min = -0.5
	p.HideY()
	p.X.Min = 0
	p.X.Tick.Marker = ticks{writeTime}
	return p
}

// cpuStack is one bar, of the CPU time of a request by category. What is too small to be seen has no line in the legend.
func (w *WorkloadResult) cpuStack() (p *plot.Plot, rows int) {
	if w.Profile == nil {
		return nil, 0
	}
	p = newPlot("")
	var below *plotter.BarChart
	for _, part := range w.Profile.Parts() {
		bar, err := plotter.NewBarChart(plotter.Values{part.Seconds}, 0.7*rowHeight)
		if err != nil {
			return nil, 0
		}
		bar.Horizontal, bar.LineStyle.Width, bar.Color = true, 0, part.Colour
		if below != nil {
			bar.StackOn(below)
		}
		below = bar
		p.Add(bar)
		if part.Share >= leastShown {
			p.Legend.Add(fmt.Sprintf("%s %s, %.0f %%", part.Title, writeTime(part.Seconds), 100*part.Share), bar)
			rows++
		}
	}
	p.Legend.Top, p.Legend.Left = true, true
	p.Y.Min = -0.5
	p.Y.Max = 0.6 + 0.45*float64(rows) // room for the legend
	p.HideY()
	p.X.Min = 0
	p.X.Tick.Marker = ticks{writeTime}
	return p, rows
}

// leastShown is a share that can be seen.
const leastShown = 0.01

// phaseTitles are for people.
var phaseTitles = map[string]string{"accept": "accept", "parse": "parse", "environ": "environ", "call": "queue and application",
	"assemble": "assemble", "send": "send", "close": "close()"}

func newPlot(label string) *plot.Plot {
	p := plot.New()
	p.X.Label.Text = label
	p.BackgroundColor = color.Transparent
	p.Legend.Padding = vg.Points(1.5)
	p.X.Padding, p.Y.Padding = 0, vg.Points(4)
	p.Y.Tick.LineStyle.Width = 0
	p.X.LineStyle.Width, p.Y.LineStyle.Width = vg.Points(0.5), vg.Points(0.5)
	for _, style := range []*font{&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font, &p.Legend.TextStyle.Font} {
		style.Variant, style.Size = "Sans", vg.Points(9)
	}
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Width = color.RGBA{0x80, 0x80, 0x80, 0x40}, 0
	p.Add(grid)
	return p
}

// render draws a chart. What is black becomes the colour of the text around it, so that the chart suits a dark page, too.
func render(p *plot.Plot, height vg.Length) ([]byte, error) {
	canvas := vgsvg.New(chartWidth, height)
	p.Draw(newCanvas(canvas))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return nil, err
	}
	return restyle(svg.Bytes()), nil
}
