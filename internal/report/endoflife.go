package report

import (
	"context"
	"fmt"
	"time"
)

// EndOfLifeOptions say what EndOfLife looks at.
type EndOfLifeOptions struct {
	Options
	ByDevice bool          // one row for each machine whose support ended or ends soon, in place of one for each customer
	Within   time.Duration // what soon is
}

// How the support of a machine's system stands.
const (
	Past      = "past"
	Soon      = "soon"
	Supported = "supported"
	Unknown   = "unknown"
)

// EndOfLife says whose systems their makers support no more, or not for long. A system of which nobody knows is
// unknown, which is neither.
func EndOfLife(ctx context.Context, s Source, o EndOfLifeOptions) (*Report, error) {
	i, err := readInventory(ctx, s, o.Excludes, o.Now, ofPosture)
	if err != nil {
		return nil, err
	}
	if err := i.check(o.Organizations); err != nil {
		return nil, err
	}
	return i.endOfLife(&o), nil
}

func (i *inventory) endOfLife(o *EndOfLifeOptions) *Report {
	var out *Report
	if o.ByDevice {
		out = i.report("eol", "End of support, machine by machine", organizationColumn(), hostnameColumn(),
			Column{Name: "state", Title: "Support", Least: 5},
			Column{Name: "osSupportEndsOn", Title: "Ends on", Kind: Day, Least: 15},
			Column{Name: "osName", Title: "System", Least: 14},
			Column{Name: "osVersion", Title: "Version", Least: 7, Optional: true},
			serialColumn(), lastSeenColumn(), deviceColumn())
	} else {
		out = i.report("eol", "End of support", organizationColumn(), figureColumn("devices", "Machines"),
			figureColumn(Past, "Past support"), figureColumn(Soon, "Soon"), figureColumn(Supported, "Supported"),
			figureColumn(Unknown, "Unknown"))
	}
	var sums totals
	sums.add("devices", 0)
	for _, state := range []string{Past, Soon, Supported, Unknown} {
		sums.add(state, 0)
	}
	var row []any // of the customer at hand
	var last *machine
	for _, m := range i.machines(&o.Options) {
		c := i.conductOf(m)
		state := supportOf(&c, o)
		sums.add("devices", 1)
		sums.add(state, 1)
		if o.ByDevice {
			if state == Past || state == Soon {
				out.Rows = append(out.Rows, []any{i.fleet.names[m.organization], m.name, state, timeCell(c.supportEnds),
					c.osName, c.osVersion, m.serial, timeCell(m.lastSeen()), m.key})
			}
			continue
		}
		if last == nil || last.organization != m.organization {
			row = []any{i.fleet.names[m.organization], int64(0), int64(0), int64(0), int64(0), int64(0)}
			out.Rows = append(out.Rows, row)
		}
		last = m
		for n, column := range out.Columns {
			if n == 1 || column.Name == state {
				was, _ := row[n].(int64)
				row[n] = was + 1
			}
		}
	}
	out.Figures = sums.figures
	out.Summary = []string{fmt.Sprintf(
		"%s: the support of the system of %d ended, of %d it ends soon; of %d nobody knows.",
		count(int(out.figure("devices")), "machine"), out.figure(Past), out.figure(Soon), out.figure(Unknown))}
	return out
}

func supportOf(c *conduct, o *EndOfLifeOptions) string {
	switch {
	case c.supportEnds.IsZero():
		return Unknown
	case !c.supportEnds.After(o.Now):
		return Past
	case c.supportEnds.Sub(o.Now) <= o.Within:
		return Soon
	}
	return Supported
}
