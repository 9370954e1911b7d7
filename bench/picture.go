package bench

import (
	"bytes"
	_ "embed"
	"html/template"
	"math"
	"strings"
	"sync"
)

//go:embed picture.svg
var pictureText string

var pictureTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("picture").Parse(pictureText)) })

// picture is what picture.svg draws, in this order: boxes, strokes, texts. Lengths are pixels; (0, 0) is the upper left
// corner.
type picture struct {
	Says          string // for those who do not see it
	Width, Height float64
	Boxes         []box
	Strokes       []stroke
	Texts         []text
}

// box is a rectangle. Says is shown when the pointer rests on it.
type box struct {
	X, Y, Width, Height float64
	Fill, Says          string
}

// stroke is a line through points. Without a Colour it has that of the text.
type stroke struct {
	Path   string // in the notation of SVG's attribute d
	Colour string
	Width  float64
	Faint  bool // a line of the grid
	Dashed bool
}

// text stands with its Anchor ("start", "middle" or "end") at X, and its line at Y.
type text struct {
	X, Y   float64
	Anchor string
	Text   string
}

const (
	chartWidth = 560.0
	textHeight = 12.0 // also the size of the font in picture.svg
	textWidth  = 6.6  // of a character on average, in a wide font
	lineHeight = 17.0
	textDrop   = 4.0 // from the middle of a line to where its letters stand
	textGap    = 7.0
)

func newPicture(height float64) *picture {
	return &picture{Width: chartWidth, Height: rounded(height)}
}

func (p *picture) write(x, y float64, anchor, words string) {
	p.Texts = append(p.Texts, text{rounded(x), rounded(y + textDrop), anchor, words})
}

func (p *picture) fill(x, y, width, height float64, colour, says string) {
	p.Boxes = append(p.Boxes, box{rounded(x), rounded(y), rounded(max(width, 0)), rounded(height), colour, says})
}

// line draws a straight one.
func (p *picture) line(x, y, toX, toY float64, like stroke) {
	var path strings.Builder
	moveTo(&path, x, y)
	lineTo(&path, toX, toY)
	like.Path = path.String()
	p.Strokes = append(p.Strokes, like)
}

func moveTo(path *strings.Builder, x, y float64) { point(path, "M", x, y) }
func lineTo(path *strings.Builder, x, y float64) { point(path, "L", x, y) }

func point(path *strings.Builder, command string, x, y float64) {
	path.WriteString(command + decimal(x) + " " + decimal(y))
}

// svg is the picture as one element, whose colour of text and width are those of its place.
func (p *picture) svg() ([]byte, error) {
	var svg bytes.Buffer
	err := pictureTemplate().Execute(&svg, p)
	return svg.Bytes(), err
}

// widthOf guesses how wide the longest of some texts is.
func widthOf(words []string) (width float64) {
	for _, w := range words {
		width = max(width, textWidth*float64(len([]rune(w))))
	}
	return width
}

// rounded: a tenth of a pixel is more than can be seen.
func rounded(v float64) float64 { return math.Round(10*v) / 10 }
