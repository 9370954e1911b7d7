package bench

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"glasswsgi/inspect"
)

// Chart is a picture of a workload.
type Chart struct {
	Name string // of its file, without .svg
	Says string // for those who do not see it
	SVG  []byte
}

// Colours that can be told apart by those who see few (Okabe and Ito), on light and on dark.
var palette = []string{"#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#999900"}

const (
	ours   = "#0072b2"
	theirs = "#9aa5b1"
)

var (
	grid    = stroke{Width: 1, Faint: true}
	whisker = stroke{Width: 1.2}
)

// Charts draws what there is to draw of a workload.
func (w *WorkloadResult) Charts() (charts []Chart, err error) {
	draw := func(name, says string, p *picture) {
		if p == nil || err != nil {
			return
		}
		c := Chart{Name: w.Name + "-" + name, Says: w.Title + ": " + says}
		p.Says = c.Says
		if c.SVG, err = p.svg(); err == nil {
			charts = append(charts, c)
		}
	}
	for _, key := range []string{"rate", "cpu", "idle_memory"} {
		metric, _ := MetricOf(key)
		draw(key, metric.Title, w.bars(metric))
	}
	draw("latency", "latencies by percentile", w.curves())
	draw("where", "where the time of a request goes on glass", w.phaseStack())
	draw("profile", "where the CPU time of a request goes on glass", w.cpuStack())
	return charts, err
}

// bar is one server in a metric.
type bar struct {
	server string
	Estimate
}

const (
	barHeight = 17.0
	barRow    = 27.0
	axisRoom  = 24.0 // below a chart, for the ticks
	edge      = 4.0
	spare     = 1.25 // how far beyond the longest bar an interval is drawn
)

// bars compares the servers in one metric, the best on top, with the intervals of confidence. An interval may be wider
// than the chart; then its end has no mark.
func (w *WorkloadResult) bars(m Metric) *picture {
	var all []bar
	var names, values []string
	most := 0.0
	for _, server := range w.Servers {
		if e := Estimated(w.values(server, m.Key)); e.Rounds > 0 {
			all, names, values = append(all, bar{server, e}), append(names, server), append(values, m.Write(e.Mean))
			most = max(most, e.Mean)
		}
	}
	if len(all) < 2 || most <= 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b bar) int {
		if m.Highest {
			a, b = b, a
		}
		return cmp.Compare(a.Mean, b.Mean)
	})
	end := most
	for _, b := range all {
		if b.Known() {
			end = max(end, min(b.High, spare*most))
		}
	}
	bottom := edge + float64(len(all))*barRow
	p := newPicture(bottom + axisRoom)
	left, right := widthOf(names)+textGap, chartWidth-widthOf(values)-2*textGap
	at := func(value float64) float64 { return left + (right-left)*value/end }
	for _, t := range linearTicks(end, m.Write) {
		p.line(at(t.at*end), edge, at(t.at*end), bottom, grid)
		p.write(at(t.at*end), bottom+textHeight, "middle", t.label)
	}
	for i, b := range all {
		p.bar(b, m, edge+(float64(i)+0.5)*barRow, at, end)
	}
	return p
}

// bar draws a row of the chart: name, bar, interval, value.
func (p *picture) bar(b bar, m Metric, y float64, at func(float64) float64, end float64) {
	colour, says := theirs, b.server+": "+m.Write(b.Mean)
	if strings.HasPrefix(b.server, subject) {
		colour = ours
	}
	if b.Known() {
		says = b.server + ": " + withInterval(b.Estimate, m.Write)
	}
	p.write(at(0)-textGap, y, "end", b.server)
	p.fill(at(0), y-barHeight/2, at(b.Mean)-at(0), barHeight, colour, says)
	p.write(chartWidth-edge, y, "end", m.Write(b.Mean))
	if !b.Known() {
		return
	}
	low, high := max(b.Low, 0), min(b.High, end)
	p.line(at(low), y, at(high), y, whisker)
	for _, mark := range []float64{b.Low, b.High} {
		if mark >= 0 && mark <= end {
			p.line(at(mark), y-edge, at(mark), y+edge, whisker)
		}
	}
}

const (
	curveHeight   = 230.0
	legendColumns = 4
	swatch        = 11.0
)

// curve is the latencies of a server.
type curve struct {
	server string
	like   stroke
	points [][2]float64 // percentile, counted in nines, and seconds
}

// curves are the latencies of each server by percentile: the right end is what the unlucky see.
func (w *WorkloadResult) curves() *picture {
	var all []curve
	low, high, end := math.Inf(1), 0.0, 1.0
	for i, server := range w.Servers {
		latencies, any := w.latencies(server)
		if !any || server == "glass native" {
			continue
		}
		c := curve{server: server, like: stroke{Colour: palette[i%len(palette)], Width: 1.6, Dashed: i >= len(palette)}}
		if server == subject {
			c.like.Width = 3.2
		}
		for x := 0.0; x <= nines; x += 0.05 {
			if x > 0 && math.Pow(10, x) > float64(latencies.TotalCount()) {
				break // fewer answers than one in so many
			}
			seconds := latencies.At(1 - math.Pow(10, -x)).Seconds()
			c.points = append(c.points, [2]float64{x, seconds})
			low, high, end = min(low, seconds), max(high, seconds), max(end, x)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil
	}
	return drawCurves(all, low, max(high, 2*low), end)
}

func drawCurves(all []curve, low, high, end float64) *picture {
	top := edge + lineHeight*float64((len(all)+legendColumns-1)/legendColumns) + textGap
	bottom := top + curveHeight
	p := newPicture(bottom + axisRoom)
	left, right := 9*textWidth, chartWidth-4*textWidth
	x := func(share float64) float64 { return left + (right-left)*share }
	y := func(share float64) float64 { return bottom - curveHeight*share }
	for _, t := range percentileTicks(end) {
		p.line(x(t.at), top, x(t.at), bottom, grid)
		p.write(x(t.at), bottom+textHeight, "middle", t.label)
	}
	for _, t := range logTicks(low, high) {
		p.line(left, y(t.at), right, y(t.at), grid)
		p.write(left-textGap, y(t.at), "end", t.label)
	}
	for i, c := range all {
		var path strings.Builder
		for i, point := range c.points {
			to := lineTo
			if i == 0 {
				to = moveTo
			}
			to(&path, x(point[0]/end), y(math.Log(point[1]/low)/math.Log(high/low)))
		}
		c.like.Path = path.String()
		p.Strokes = append(p.Strokes, c.like)
		at, row := chartWidth/legendColumns*float64(i%legendColumns)+edge, edge+lineHeight*(float64(i/legendColumns)+0.5)
		p.line(at, row, at+2*swatch, row, c.like)
		p.write(at+2*swatch+textGap, row, "start", c.server)
	}
	return p
}

// part is a piece of a bar that shows what a whole is made of.
type part struct {
	title, colour  string
	seconds, share float64
}

// phaseStack is one bar, of the phases of a request.
func (w *WorkloadResult) phaseStack() *picture {
	if w.Where == nil || w.Where.Exchanges == 0 {
		return nil
	}
	whole := 0.0
	for _, phase := range inspect.Phases {
		whole += w.Where.Seconds[phase]
	}
	var parts []part
	for i, phase := range inspect.Phases {
		seconds := w.Where.Seconds[phase]
		parts = append(parts, part{phaseTitles[phase], palette[i%len(palette)], seconds, seconds / whole})
	}
	return stack(parts, whole, 0)
}

// cpuStack is one bar, of the CPU time of a request by category.
func (w *WorkloadResult) cpuStack() *picture {
	if w.Profile == nil {
		return nil
	}
	var parts []part
	whole := 0.0
	for _, p := range w.Profile.Parts() {
		parts = append(parts, part{p.Title, p.Colour, p.Seconds, p.Share})
		whole += p.Seconds
	}
	return stack(parts, whole, leastShown)
}

// leastShown is a share that can be seen: a category that is smaller has no line in the legend.
const leastShown = 0.01

// stack draws parts in a row, and below a table of those whose share is not less than least.
func stack(parts []part, whole, least float64) *picture {
	if whole <= 0 {
		return nil
	}
	shown := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.share < least })
	bottom := edge + barRow
	top := bottom + axisRoom + textGap
	p := newPicture(top + lineHeight*float64(len(shown)))
	left, right := 2*textWidth, chartWidth-4*textWidth
	at := func(value float64) float64 { return left + (right-left)*value/whole }
	for _, t := range linearTicks(whole, writeTime) {
		p.line(at(t.at*whole), edge, at(t.at*whole), bottom, grid)
		p.write(at(t.at*whole), bottom+textHeight, "middle", t.label)
	}
	sum := 0.0
	for _, piece := range parts {
		p.fill(at(sum), edge, at(sum+piece.seconds)-at(sum), barRow-edge, piece.colour, piece.title+": "+writeTime(piece.seconds))
		sum += piece.seconds
	}
	const times, shares = 0.72 * chartWidth, 0.86 * chartWidth
	for i, piece := range shown {
		y := top + lineHeight*(float64(i)+0.5)
		p.fill(left, y-swatch/2, swatch, swatch, piece.colour, "")
		p.write(left+swatch+textGap, y, "start", piece.title)
		p.write(times, y, "end", writeTime(piece.seconds))
		p.write(shares, y, "end", writeShare(piece.share))
	}
	return p
}

// phaseTitles are for people.
var phaseTitles = map[string]string{"accept": "accept", "parse": "parse", "environ": "environ", "call": "queue and application",
	"assemble": "assemble", "send": "send", "close": "close()"}
