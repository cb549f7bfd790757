package report

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dustin/go-humanize"

	"assetgraph/graph"
)

// PostureOptions say what Posture looks at.
type PostureOptions struct {
	Options
	ByDevice  bool          // one row for each machine, in place of one for each customer and check
	Checks    []string      // of CheckNames; nil for all
	Attention bool          // by device: only machines of which one of the checks is answered badly
	Backup    time.Duration // how old the last good backup may be
}

// A Check is a question of yes or no about how a machine does.
type Check struct {
	Name  string
	Title string // the question in words
	Aim   string // how it should be
	Bad   bool   // the answer that needs attention

	answer func(c *conduct, o *PostureOptions) any // true, false, or nil where nobody knows
}

// Checks returns what Posture asks.
func Checks() []Check {
	told := func(name string) func(*conduct, *PostureOptions) any {
		n := slices.Index(tells(), name)
		return func(c *conduct, _ *PostureOptions) any { return truth(c.told[n]) }
	}
	return []Check{
		{Name: "encrypted", Title: "Disks encrypted", Aim: "Disks encrypted", answer: told("encrypted")},
		{Name: "malwareProtected", Title: "Malware protection on", Aim: "Malware protection",
			answer: told("malwareProtected")},
		{Name: "firewallEnabled", Title: "Firewall on", Aim: "Firewall on", answer: told("firewallEnabled")},
		{Name: "pendingReboot", Title: "Waits for a restart", Aim: "No restart pending", Bad: true,
			answer: told("pendingReboot")},
		{Name: "backedUp", Title: "Backed up", Aim: "Backed up", answer: backedUp},
		{Name: "patched", Title: "No patches missing", Aim: "No patches missing", answer: patched},
	}
}

func truth(v graph.Value) any {
	if v.IsAbsent() {
		return nil
	}
	return v.Bool()
}

// backedUp is by when the last good backup was; a machine of which no time is known is backed up or not as its records
// say, where they say that it is not.
func backedUp(c *conduct, o *PostureOptions) any {
	last, has := c.told[slices.Index(tells(), "lastBackupOn")], c.told[slices.Index(tells(), "backedUp")]
	switch {
	case !last.IsAbsent():
		return o.Now.Sub(last.Time()) <= o.Backup
	case !has.IsAbsent() && !has.Bool():
		return false
	}
	return nil
}

func patched(c *conduct, _ *PostureOptions) any {
	missing := c.told[slices.Index(tells(), "osPatchesMissing")]
	if missing.IsAbsent() {
		return nil
	}
	return missing.Int() == 0
}

// CheckNames returns the names of Checks.
func CheckNames() (names []string) {
	for _, c := range Checks() {
		names = append(names, c.Name)
	}
	return names
}

// Posture asks of each machine how it does. What nobody knows is counted as unknown, which is not no.
func Posture(ctx context.Context, s Source, o PostureOptions) (*Report, error) {
	for _, name := range o.Checks {
		if !slices.Contains(CheckNames(), name) {
			return nil, &UnknownError{Kind: "check", Name: name, Near: CheckNames()}
		}
	}
	i, err := readInventory(ctx, s, o.Excludes, o.Now, ofPosture)
	if err != nil {
		return nil, err
	}
	if err := i.check(o.Organizations); err != nil {
		return nil, err
	}
	return i.posture(&o), nil
}

func (i *inventory) posture(o *PostureOptions) *Report {
	list := slices.DeleteFunc(Checks(),
		func(c Check) bool { return len(o.Checks) > 0 && !slices.Contains(o.Checks, c.Name) })
	var out *Report
	if o.ByDevice {
		columns := []Column{organizationColumn(), hostnameColumn(),
			{Name: "attention", Title: "Needs attention", Kind: Texts, Least: 17},
			{Name: "unknown", Title: "Unknown", Kind: Texts, Least: 17}}
		for _, c := range list {
			columns = append(columns,
				Column{Name: c.Name, Title: c.Title, Kind: Truth, Least: len(c.Name), Optional: true})
		}
		out = i.report("posture", "Posture, machine by machine", append(columns, serialColumn(), deviceColumn())...)
	} else {
		out = i.report("posture", "Posture", organizationColumn(), Column{Name: "check", Title: "Check", Least: 12},
			figureColumn("yes", "Yes"), figureColumn("no", "No"), figureColumn("unknown", "Unknown"),
			figureColumn("devices", "Machines"))
	}
	all := make([]tally, len(list))
	var customer []tally
	var last *machine
	flush := func() {
		for n, t := range customer {
			out.Rows = append(out.Rows, []any{i.fleet.names[last.organization], list[n].Name, t.yes, t.no, t.unknown,
				t.yes + t.no + t.unknown})
		}
	}
	for _, m := range i.machines(&o.Options) {
		c := i.conductOf(m)
		answers := make([]any, len(list))
		for n, ask := range list {
			answers[n] = ask.answer(&c, o)
			all[n].add(answers[n])
		}
		if o.ByDevice {
			var attention, unknown []string
			for n, a := range answers {
				switch a {
				case nil:
					unknown = append(unknown, list[n].Name)
				case list[n].Bad:
					attention = append(attention, list[n].Name)
				}
			}
			if !o.Attention || len(attention) > 0 {
				row := []any{i.fleet.names[m.organization], m.name, joined(attention), joined(unknown)}
				out.Rows = append(out.Rows, append(append(row, answers...), m.serial, m.key))
			}
			continue
		}
		if last == nil || last.organization != m.organization {
			flush()
			customer = make([]tally, len(list))
		}
		last = m
		for n := range list {
			customer[n].add(answers[n])
		}
	}
	flush()
	for n, t := range all {
		out.Figures = append(out.Figures, Total{list[n].Name + ".yes", t.yes}, Total{list[n].Name + ".no", t.no},
			Total{list[n].Name + ".unknown", t.unknown})
		out.Summary = append(out.Summary, fmt.Sprintf("%s: yes %s, no %s, unknown %s.", list[n].Title,
			humanize.Comma(t.yes), humanize.Comma(t.no), humanize.Comma(t.unknown)))
	}
	return out
}

// conductOf returns how a machine does; of one that came in between nobody knows anything.
func (i *inventory) conductOf(m *machine) conduct {
	if c, known := i.conducts[m.key]; known {
		return c
	}
	return conduct{told: make([]graph.Value, len(tells()))}
}

// A tally counts answers.
type tally struct{ yes, no, unknown int64 }

func (t *tally) add(answer any) {
	switch answer {
	case true:
		t.yes++
	case false:
		t.no++
	default:
		t.unknown++
	}
}
