package report

import (
	"context"
	"slices"
	"strings"
	"time"

	"assetgraph/graph"
)

// A Survey is what is wrong with each machine of the graph, one by one: what Cover counts, and more. It is for who keeps
// findings about machines from one look to the next.
type Survey struct {
	judge *coverer
	never []bool
}

// SurveyOptions say how a Survey looks.
type SurveyOptions struct {
	Excludes []Exclude     // machines to leave out
	Marks    [][]Exclude   // for each of these lists, which machines it fits: see Examined.Marked
	Stale    time.Duration // how long ago a tool may have been seen last
	Now      time.Time
	Devices  []graph.Key // only these machines, for a look at few; nil for all
}

// An Examined machine is what is wrong with it. Texts are the same for as long as what they tell of is: they name days
// and not how long ago that was.
type Examined struct {
	Device       graph.Key
	Name         string
	Serial       string
	Organization string // "" for none
	LastSeen     time.Time
	SupportEnds  time.Time // of the operating system; the zero time where nobody knows

	Words   []string // what Cover writes into the column missing of a machine on which each tool that lacks can run
	Reasons []string // for each of them

	// Several names the products of which several live records are this machine.
	Several []string

	// Turns is when, by time alone, there is a further word; the zero time for never.
	Turns time.Time

	machine *machine
}

// Look reads the graph once.
func Look(ctx context.Context, s Source, o SurveyOptions) (*Survey, error) {
	out := &Survey{}
	var f *fleet
	err := together(
		func() (err error) { out.never, err = s.neverRead(ctx); return err },
		func() (err error) {
			f, err = loadFleet(ctx, s, fleetOptions{excludes: o.Excludes, marks: o.Marks, only: o.Devices})
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	out.judge = newCoverer(s.Model.Tools(), f, sources{never: out.never}, CoverOptions{Stale: o.Stale, Fitting: true, Now: o.Now})
	return out, nil
}

// DevicesOf returns the devices that these records of machines are, each once, in ascending order.
func DevicesOf(ctx context.Context, s Source, records []graph.Key) ([]graph.Key, error) {
	var devices []graph.Key
	links := graph.LinkSelection{Types: s.linksTo("device"), Around: append([]graph.Key{}, records...)} // nil were all
	err := s.eachLink(ctx, links, func(l graph.Link) { devices = append(devices, graph.Key(strings.Clone(string(l.To)))) })
	slices.Sort(devices)
	return slices.Compact(devices), err
}

// Never reports whether the graph holds nothing of the products of a tool, by its index in Model.Tools.
func (s *Survey) Never(tool int) bool { return s.never[tool] }

// Len is how many machines the survey has. Those that are left out count, and have nothing.
func (s *Survey) Len() int { return len(s.judge.fleet.machines) }

// At returns what is wrong with a machine. ok is false for one that is left out.
func (s *Survey) At(i int) (x Examined, ok bool) {
	c := s.judge
	m := &c.fleet.machines[i]
	if m.excluded {
		return x, false
	}
	g := gap{machine: m} // without a time, so that its reasons do not move
	for n, t := range c.tools {
		c.judge(&g, n)
		if t.Tells() {
			c.judgeWork(&g, n, &WorkCount{})
		}
	}
	x = Examined{
		Device: graph.Key(m.key), Name: m.name, Serial: m.serial, Organization: c.fleet.names[m.organization],
		LastSeen: m.lastSeen(), Words: g.words, Reasons: g.reasons, machine: m,
	}
	if m.supportEnds != 0 {
		x.SupportEnds = time.UnixMilli(m.supportEnds).UTC()
	}
	for n, r := range c.fleet.types {
		if m.several>>n&1 == 1 && !slices.Contains(x.Several, r.Tool.Product) {
			x.Several = append(x.Several, r.Tool.Product)
		}
	}
	for n := range c.tools {
		if at := c.staleOn(&m.tools[n]); at.After(c.options.Now) && (x.Turns.IsZero() || at.Before(x.Turns)) {
			x.Turns = at
		}
	}
	return x, true
}

// Find returns a machine by its key. ok is false where the graph does not hold it, or it is left out.
func (s *Survey) Find(device graph.Key) (x Examined, ok bool) {
	if i, known := s.judge.fleet.index[device]; known {
		return s.At(int(i))
	}
	return x, false
}

// Marked reports whether a list of SurveyOptions.Marks fits the machine, by its index there.
func (x *Examined) Marked(list int) bool {
	return x.machine != nil && slices.Contains(x.machine.marks, uint16(list))
}
