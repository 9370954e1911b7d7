package bench

import (
	"bytes"
	"math"
	"regexp"
	"strings"

	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

type font = plotfont.Font

func newCanvas(c vg.CanvasSizer) draw.Canvas { return draw.New(c) }

// ticks writes the values of an axis with their unit.
type ticks struct{ write func(float64) string }

// Ticks are some five.
func (t ticks) Ticks(low, high float64) []plot.Tick {
	all := plot.DefaultTicks{}.Ticks(low, high)
	for i := range all {
		if all[i].Label != "" {
			all[i].Label = strings.Replace(t.write(all[i].Value), ".00", "", 1)
		}
		if all[i].Value == 0 {
			all[i].Label = "0"
		}
	}
	return all
}

// logTicks are the powers of ten of times.
type logTicks struct{}

// Ticks are those between low and high.
func (logTicks) Ticks(low, high float64) (all []plot.Tick) {
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for digit := 1.0; digit < 10; digit++ {
			tick := plot.Tick{Value: digit * math.Pow(10, power)}
			if digit == 1 || digit == 3 {
				tick.Label = strings.Replace(strings.Replace(writeTime(tick.Value), ".00", "", 1), ".0 ", " ", 1)
			}
			if tick.Value >= low && tick.Value <= high {
				all = append(all, tick)
			}
		}
	}
	return all
}

// percentiles are the ticks of an axis that counts nines.
type percentiles struct{}

// Ticks are always the same.
func (percentiles) Ticks(float64, float64) []plot.Tick {
	return []plot.Tick{{Value: 0, Label: "0"}, {Value: math.Log10(2), Label: "50"}, {Value: 1, Label: "90"},
		{Value: 2, Label: "99"}, {Value: 3, Label: "99.9"}, {Value: 4, Label: "99.99"}}
}

var (
	// The background: gonum's writer cannot divide by an opacity of 0, and writes no colour.
	nothing = regexp.MustCompile(`<path [^>]*fill-opacity:0"[^>]*/>\s*`)
	sizes   = regexp.MustCompile(`<svg width="[^"]*" height="[^"]*"`)
	black   = regexp.MustCompile(`#000000|rgb\(0, ?0, ?0\)`)
	fonts   = regexp.MustCompile(`font-family:[^;"]*`)
)

// restyle lets a chart grow with its place, and takes its colour of text and its font from there.
func restyle(svg []byte) []byte {
	if i := bytes.Index(svg, []byte("<svg")); i >= 0 {
		svg = svg[i:] // no declaration: it stands in a page, too
	}
	svg = sizes.ReplaceAll(svg, []byte(`<svg role="img" fill="currentColor" style="color:#333"`))
	svg = nothing.ReplaceAll(svg, nil)
	svg = black.ReplaceAll(svg, []byte("currentColor"))
	svg = bytes.ReplaceAll(svg, []byte("font-size:9px"), []byte("font-size:8px")) // drawn for 9: other fonts are wider
	return fonts.ReplaceAll(svg, []byte("font-family:Arial,Helvetica,Liberation Sans,sans-serif"))
}
