package view

import (
	"fmt"
	"unicode/utf8"

	"assetgraph/graph"
)

// A drawing is a neighbourhood as an SVG: three columns, one for each ring, with every name to be read.
type drawing struct {
	Width, Height int
	Boxes         []box
	Lines         []line
}

// A box is a node.
type box struct {
	X, Y, Width, Height int
	TextX, TextY, SubY  int
	Name, Type, Class   string
}

// A line is an edge.
type line struct{ Path, Class string }

// The measures of a drawing, in pixels.
const (
	boxWidth, boxHeight = 240, 40
	columnWidth         = 320
	rowHeight           = 48
	margin              = 12
	longestName         = 32 // characters that fit a box
)

// draw places the nodes: each as near as there is room to the one by which it came, which has no crossing of lines
// between rings but those of several relations.
func draw(n *neighbourhood) *drawing {
	d := &drawing{}
	columns := [3][]*node{}
	for _, one := range n.nodes {
		columns[one.Ring] = append(columns[one.Ring], one)
	}
	columns[2] = byParent(columns[1], columns[2])
	rows := 1
	for _, c := range columns {
		rows = max(rows, len(c))
	}
	d.Height = rows*rowHeight + 2*margin
	places := map[graph.Key]*box{}
	d.Boxes = make([]box, 0, len(n.nodes))
	for ring, c := range columns {
		if len(c) > 0 {
			d.Width = ring*columnWidth + boxWidth + 2*margin
		}
		for i, one := range c {
			y := margin + (d.Height-2*margin)*(2*i+1)/(2*len(c)) - boxHeight/2
			x := margin + ring*columnWidth
			d.Boxes = append(d.Boxes, box{
				X: x, Y: y, Width: boxWidth, Height: boxHeight, TextX: x + 12, TextY: y + 17, SubY: y + 32,
				Name: shortened(one.Name), Type: one.Type, Class: fmt.Sprintf("ring-%d", ring),
			})
			places[one.Key] = &d.Boxes[len(d.Boxes)-1]
		}
	}
	for _, e := range n.edges {
		d.Lines = append(d.Lines, lineBetween(places[e.From], places[e.To]))
	}
	return d
}

// byParent returns nodes in the order of those by which they came.
func byParent(parents, list []*node) (out []*node) {
	for _, p := range parents {
		for _, one := range list {
			if one.parent == p {
				out = append(out, one)
			}
		}
	}
	return out
}

// lineBetween joins two boxes by a curve; those of one column by an arc beside it.
func lineBetween(a, b *box) line {
	if a.X > b.X {
		a, b = b, a
	}
	ay, by := a.Y+boxHeight/2, b.Y+boxHeight/2
	if a.X == b.X {
		x := a.X + boxWidth
		return line{Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, ay, x+40, ay, x+40, by, x, by), Class: "beside"}
	}
	from, to := a.X+boxWidth, b.X
	middle := (from + to) / 2
	return line{Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", from, ay, middle, ay, middle, by, to, by)}
}

func shortened(name string) string {
	if utf8.RuneCountInString(name) <= longestName {
		return name
	}
	return string([]rune(name)[:longestName-1]) + "…"
}
