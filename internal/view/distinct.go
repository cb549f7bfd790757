package view

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"time"
)

// Distinct holds the values of one column, each of them once, in the order in which people sort by it: who sorts or
// filters a hundred thousand rows looks at what is different among them.
type distinct struct {
	list []value
	of   []uint32 // which of the list each row has
}

// A value as it is compared: a number, or a text in lower case. A number has its text too, for who looks for that. No
// value is "".
type value struct {
	number float64
	text   string
}

func valueOf(v any) value {
	out := value{text: strings.ToLower(textOf(v))}
	switch v := v.(type) {
	case int64:
		out.number = float64(v)
	case float64:
		out.number = v
	case time.Time:
		if !v.IsZero() {
			out.number = float64(v.UnixMilli())
		}
	}
	return out
}

// compare orders values; none comes last.
func (v value) compare(w value) int {
	if (v.text == "") != (w.text == "") {
		return cmp.Compare(len(w.text), len(v.text))
	}
	return cmp.Or(cmp.Compare(v.number, w.number), strings.Compare(v.text, w.text))
}

// readDistinct reads the values of so many rows.
func readDistinct(rows int, of func(row int) any) *distinct {
	c := &distinct{of: make([]uint32, rows)}
	first := map[value]uint32{} // where a value stands among those that were met
	var met []value
	for row := range rows {
		v := valueOf(of(row))
		n, known := first[v]
		if !known {
			n = uint32(len(met))
			first[v] = n
			met = append(met, v)
		}
		c.of[row] = n
	}
	order := make([]uint32, len(met))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return met[a].compare(met[b]) })
	place := make([]uint32, len(met))
	c.list = make([]value, len(met))
	for i, n := range order {
		place[n], c.list[i] = uint32(i), met[n]
	}
	for row, n := range c.of {
		c.of[row] = place[n]
	}
	return c
}

// which tells of each value whether its text fits.
func (c *distinct) which(fits func(text string) bool) []bool {
	out := make([]bool, len(c.list))
	for i := range c.list {
		out[i] = fits(c.list[i].text)
	}
	return out
}

// sort puts rows in order; those of one value stay in theirs, and what has none comes last either way.
func (c *distinct) sort(rows []int, reverse bool) {
	const half = 32
	keys := make([]uint64, len(rows)) // the place of a row's value before that of the row
	for i, row := range rows {
		place := c.of[row]
		switch {
		case c.list[place].text == "":
			place = math.MaxUint32
		case reverse:
			place = uint32(len(c.list)) - place
		}
		keys[i] = uint64(place)<<half | uint64(i)
	}
	slices.Sort(keys)
	was := slices.Clone(rows)
	for i, key := range keys {
		rows[i] = was[uint32(key)]
	}
}

// A kept holds the values of columns for as long as their rows are the same.
type kept struct {
	mu      sync.Mutex
	columns map[string]func() *distinct // by name
}

// column returns the values of a column, which are read once.
func (k *kept) column(name string, read func() *distinct) *distinct {
	k.mu.Lock()
	if k.columns == nil {
		k.columns = map[string]func() *distinct{}
	}
	get := k.columns[name]
	if get == nil {
		get = sync.OnceValue(read)
		k.columns[name] = get
	}
	k.mu.Unlock()
	return get()
}
