package page

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A LineChart shows how shares went over days. Lines are told apart by their dashes and by their names at their ends,
// not by colour alone.
type LineChart struct {
	Title string // for those who do not see it
	Lines []Line
}

// A Line is a share day by day. It is broken where a day is missing.
type Line struct {
	Label  string
	Points []Point // in the order of days
}

// A Point is the share of one day.
type Point struct {
	Day    time.Time
	Tenths int64  // of a percent
	Text   string // what it is a share of
}

// Where things are in a line chart, in its own units.
const (
	plotLeft   = 44
	plotRight  = 530
	plotTop    = 12
	plotBottom = 172
	plotHeight = 200
	lineHeight = 16 // of a label
)

// Width returns how wide the SVG is.
func (c *LineChart) Width() int { return chartWidth }

// Height returns how high the SVG is.
func (c *LineChart) Height() int { return plotHeight }

// days returns the first and the last day.
func (c *LineChart) days() (from, to time.Time) {
	for _, l := range c.Lines {
		first, last := l.Points[0].Day, l.Points[len(l.Points)-1].Day
		if from.IsZero() || first.Before(from) {
			from = first
		}
		if last.After(to) {
			to = last
		}
	}
	return from, to
}

// floor returns the share at the bottom of the plot: what is below all points, in steps of ten percent.
func (c *LineChart) floor() int64 {
	const step, highest = 100, 900
	least := int64(highest)
	for _, l := range c.Lines {
		for _, p := range l.Points {
			least = min(least, p.Tenths/step*step)
		}
	}
	return least
}

func (c *LineChart) x(day time.Time) float64 {
	from, to := c.days()
	return plotLeft + (plotRight-plotLeft)*float64(day.Sub(from))/float64(to.Sub(from))
}

func (c *LineChart) y(tenths int64) float64 {
	const whole = 1000
	floor := c.floor()
	return plotBottom - (plotBottom-plotTop)*float64(tenths-floor)/float64(whole-floor)
}

// A grid line is one across the plot, with its share.
type gridLine struct {
	X1, X2, Y, TextX, TextY float64
	Text                    string
}

// Grid returns the lines of the scale.
func (c *LineChart) Grid() (list []gridLine) {
	const whole, parts = 1000, 2
	floor := c.floor()
	for i := range int64(parts + 1) {
		tenths := floor + (whole-floor)*i/parts
		y := c.y(tenths)
		list = append(list, gridLine{plotLeft, plotRight, y, plotLeft - 6, y + 4, fmt.Sprintf("%d %%", tenths/10)})
	}
	return list
}

// Days returns the first and the last day below the plot.
func (c *LineChart) Days() []written {
	from, to := c.days()
	const below, width = 22, 74
	return []written{
		{X: plotLeft, Y: plotBottom + below, Text: from.Format(time.DateOnly)},
		{X: plotRight - width, Y: plotBottom + below, Text: to.Format(time.DateOnly)},
	}
}

// A stroke is a part of a line without a gap.
type stroke struct {
	Class, Points string
}

// Strokes returns the lines where there are at least two days without a gap between them.
func (c *LineChart) Strokes() (list []stroke) {
	for i, l := range c.Lines {
		for _, run := range l.runs() {
			if len(run) > 1 {
				var at []string
				for _, p := range run {
					at = append(at, fmt.Sprintf("%.1f,%.1f", c.x(p.Day), c.y(p.Tenths)))
				}
				list = append(list, stroke{class(i), strings.Join(at, " ")})
			}
		}
	}
	return list
}

// A dot is a day by itself, or the last one of a line.
type dot struct {
	Class, Title string
	X, Y         float64
}

// Dots returns the days that no stroke shows, and the last day of each line.
func (c *LineChart) Dots() (list []dot) {
	for i, l := range c.Lines {
		for _, run := range l.runs() {
			p := run[len(run)-1]
			if len(run) == 1 || p == l.Points[len(l.Points)-1] {
				list = append(list, dot{class(i), l.Label + " " + p.words(), c.x(p.Day), c.y(p.Tenths)})
			}
		}
	}
	return list
}

// A lineLabel is the name of a line at its end, with its dashes.
type lineLabel struct {
	Class, Text             string
	X1, X2, Y, TextX, TextY float64
}

// Labels returns the names of the lines, one below the other where their ends are close together.
func (c *LineChart) Labels() []lineLabel {
	list := make([]lineLabel, len(c.Lines))
	order := make([]int, len(c.Lines))
	for i, l := range c.Lines {
		p := l.Points[len(l.Points)-1]
		list[i] = lineLabel{Class: class(i), Text: fmt.Sprintf("%s %s", l.Label, percent(p.Tenths)), Y: c.y(p.Tenths)}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(list[a].Y - list[b].Y) })
	last := float64(plotTop - lineHeight)
	for n, i := range order {
		room := float64(plotBottom - lineHeight*(len(order)-1-n))
		list[i].Y = min(max(list[i].Y, last+lineHeight), room)
		last = list[i].Y
	}
	const gap, length = 12, 22
	for i := range list {
		l := &list[i]
		l.X1, l.X2, l.TextX, l.TextY = plotRight+gap, plotRight+gap+length, plotRight+gap+length+6, l.Y+4
	}
	return list
}

// class is how the ith line is drawn.
func class(i int) string {
	const styles = 4
	return fmt.Sprintf("line%d", i%styles)
}

// runs returns the points in parts without a day missing in between.
func (l *Line) runs() (list [][]Point) {
	begin := 0
	for i := 1; i <= len(l.Points); i++ {
		if i == len(l.Points) || l.Points[i].Day.Sub(l.Points[i-1].Day) > 24*time.Hour {
			list = append(list, l.Points[begin:i])
			begin = i
		}
	}
	return list
}

func (p Point) words() string {
	return fmt.Sprintf("%s on %s (%s)", percent(p.Tenths), p.Day.Format(time.DateOnly), p.Text)
}

func percent(tenths int64) string { return fmt.Sprintf("%.1f %%", float64(tenths)/10) }

// Words says what the chart shows, for those who do not see it.
func (c *LineChart) Words() string {
	var list []string
	for _, l := range c.Lines {
		lowest := slices.MinFunc(l.Points, func(a, b Point) int { return int(a.Tenths - b.Tenths) })
		list = append(list, fmt.Sprintf("%s: %s, %s, at the lowest %s", l.Label, l.Points[0].words(),
			l.Points[len(l.Points)-1].words(), lowest.words()))
	}
	return strings.Join(list, "; ") + "."
}
