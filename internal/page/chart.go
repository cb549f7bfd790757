package page

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
)

// A Chart shows shares as bars, one below the other.
type Chart struct {
	Title string // for those who do not see it
	Bars  []Bar
}

// A Bar is one whole and its parts.
type Bar struct {
	Label string
	Parts []Part
}

// A Part is a share of a bar.
type Part struct {
	Label string
	Value int64
	Tone  Tone
}

// A Tone is how a part is coloured. No part is told by its colour alone: each is named, and has its figure.
type Tone string

// The tones.
const (
	Good    Tone = "good"
	Fair    Tone = "fair"
	Bad     Tone = "bad"
	Neutral Tone = "neutral"
)

// Where things are in a chart, in its own units.
const (
	chartWidth = 720
	labelWidth = 150
	barHeight  = 20
	barGap     = 14
	legendLine = 22
	digitWidth = 7.5
)

// A drawn part is a rectangle of the SVG with its figure.
type drawn struct {
	X, Y, Width, Height, TextX, TextY float64
	Tone                              Tone
	Text                              string // "" where there is no room for it
	Title                             string
}

// A written label is a text of the SVG.
type written struct {
	X, Y float64
	Text string
}

// Width returns how wide the SVG is.
func (c *Chart) Width() int { return chartWidth }

// Height returns how high the SVG is.
func (c *Chart) Height() int { return len(c.Bars)*(barHeight+barGap) + legendLine }

// Labels returns the names of the bars.
func (c *Chart) Labels() (list []written) {
	for i, b := range c.Bars {
		list = append(list, written{Y: float64(i*(barHeight+barGap)) + barHeight*0.72, Text: b.Label})
	}
	return list
}

// Parts returns the rectangles. A part that is there can be seen, however small it is.
func (c *Chart) Parts() (list []drawn) {
	const least = 2
	for i, b := range c.Bars {
		whole := int64(0)
		for _, p := range b.Parts {
			whole += p.Value
		}
		x, y := float64(labelWidth), float64(i*(barHeight+barGap))
		for _, p := range b.Parts {
			if p.Value == 0 {
				continue
			}
			width := max(float64(chartWidth-labelWidth)*float64(p.Value)/float64(whole), least)
			d := drawn{X: x, Y: y, Width: width, Height: barHeight, Tone: p.Tone, TextX: x + width/2,
				TextY: y + barHeight*0.72, Title: fmt.Sprintf("%s: %s", p.Label, humanize.Comma(p.Value))}
			if text := humanize.Comma(p.Value); float64(len(text))*digitWidth+6 < width {
				d.Text = text
			}
			list = append(list, d)
			x += width
		}
	}
	return list
}

// Legend returns the names of the parts that there are, each once, with a square in its tone.
func (c *Chart) Legend() (squares []drawn, labels []written) {
	seen := map[string]bool{}
	x, y := float64(labelWidth), float64(len(c.Bars)*(barHeight+barGap))
	for _, b := range c.Bars {
		for _, p := range b.Parts {
			if seen[p.Label] || p.Value == 0 {
				continue
			}
			seen[p.Label] = true
			squares = append(squares, drawn{X: x, Y: y + 4, Width: 11, Height: 11, Tone: p.Tone})
			labels = append(labels, written{X: x + 17, Y: y + 14, Text: p.Label})
			x += 17 + float64(len(p.Label))*digitWidth + 20
		}
	}
	return squares, labels
}

// Squares returns the squares of the legend.
func (c *Chart) Squares() []drawn { squares, _ := c.Legend(); return squares }

// Names returns the labels of the legend.
func (c *Chart) Names() []written { _, labels := c.Legend(); return labels }

// Words says what the chart shows, for those who do not see it.
func (c *Chart) Words() string {
	var lines []string
	for _, b := range c.Bars {
		var parts []string
		for _, p := range b.Parts {
			parts = append(parts, fmt.Sprintf("%s %s", p.Label, humanize.Comma(p.Value)))
		}
		lines = append(lines, b.Label+": "+strings.Join(parts, ", "))
	}
	return c.Title + ". " + strings.Join(lines, "; ") + "."
}
