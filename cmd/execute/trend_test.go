package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
	"assetgraph/internal/simulator"
)

// TestTrendOfLabelledFleets: over nine days of three fleets each figure is what report coverage said that day, and each
// reason is what became of the machines.
func TestTrendOfLabelledFleets(t *testing.T) {
	for seed := range uint64(3) {
		t.Run("seed "+strconv.FormatUint(seed, 10), func(t *testing.T) {
			workIn(t)
			newTrendFleet(t, place{}, seed).play(t)
		})
	}
}

// play has days pass, each with something else that makes coverage rise or fall, and compares after each.
func (f *trendFleet) play(t *testing.T) {
	t.Helper()
	check := func(unread string, joined ...string) {
		t.Helper()
		f.expect(t, unread, joined...)
		f.requireFigures(t)
		f.requireLikeCoverage(t)
	}
	f.run(t, exitDone) // the first day
	check("")
	require.Zero(t, f.total(t, "edr", graph.FigureFlows()...), "there is nothing to compare it with")

	changed := f.pass(1, simulator.Change{Add: 6, Remove: 3, LoseAgent: 3, GetAgent: 4})
	f.run(t, exitDone)
	check("")
	require.Equal(t, len(changed.LostAgent), f.total(t, "edr", graph.Lost))
	require.Equal(t, len(changed.GotAgent), f.total(t, "edr", graph.Gained))
	require.Positive(t, f.total(t, "rmm", graph.NewWith))
	require.Positive(t, f.total(t, "rmm", graph.GoneWith))

	later := f.Advance(simulator.Change{Clock: time.Hour, LoseAgent: 2})
	f.run(t, exitDone)
	f.requireFigures(t) // a look at what has changed alone leaves the figures of the day
	f.run(t, exitDone, "--verify")
	check("")
	toAndFro := 0
	for _, machine := range later.LostAgent {
		toAndFro += count01(slices.Contains(changed.GotAgent, machine) || slices.Contains(changed.Added, machine))
	}
	require.Equal(t, len(changed.LostAgent)+len(later.LostAgent)-toAndFro, f.total(t, "edr", graph.Lost), "one at everything replaces them")

	f.pass(1, simulator.Change{LoseAgent: 1})
	f.overrule(t, "exclude: ['hostname:"+strings.Join(f.hostnames(t), "', 'hostname:")+"']\n")
	f.run(t, exitDone)
	check("")
	require.Positive(t, f.total(t, "edr", graph.ExcludedWith))
	require.Positive(t, f.total(t, "edr", graph.ExcludedWithout))

	f.pass(1, simulator.Change{Add: 4, Remove: 2, LoseAgent: 2})
	token := f.env["SENTINELONE_API_TOKEN"]
	f.env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	f.run(t, exitIncomplete)
	check("edr")
	require.Zero(t, f.total(t, "edr", graph.FigureFlows()...), "nothing is compared with what was not read")
	require.Positive(t, f.total(t, "rmm", graph.NewWith))

	f.pass(1, simulator.Change{Add: 2, LoseAgent: 1})
	f.run(t, exitIncomplete)
	check("edr")
	f.env["SENTINELONE_API_TOKEN"] = token
	f.run(t, exitDone)
	check("") // more is known, on the same day
	require.Positive(t, f.total(t, "edr", graph.Lost), "since it was last known")
	f.env["SENTINELONE_API_TOKEN"] = "not-the-token-at-all"
	f.run(t, exitIncomplete, "--verify")
	f.requireFigures(t) // what was known of the day stays
	f.env["SENTINELONE_API_TOKEN"] = token

	f.pass(2, simulator.Change{Remove: 1}) // on the day in between nothing ran
	f.overrule(t, "")
	f.run(t, exitDone)
	check("")
	require.Positive(t, f.total(t, "edr", graph.IncludedWith), "nothing is left out any more")
	require.Positive(t, f.total(t, "edr", graph.IncludedWithout))

	f.pass(1, simulator.Change{})
	f.overrule(t, f.sameMachinesAndCustomers(t))
	before := f.stands(t)["rmm"]
	f.run(t, exitDone)
	var joined []string
	for key := range before {
		if _, there := f.stands(t)["rmm"][key]; !there && f.joined(t, key) {
			joined = append(joined, key)
		}
	}
	require.Len(t, joined, 1)
	check("", joined...)
	require.Equal(t, 1, f.total(t, "rmm", graph.MergedWith, graph.MergedWithout))
	require.Positive(t, f.total(t, "edr", graph.MovedInWith))
	require.Equal(t, f.total(t, "edr", graph.MovedInWith), f.total(t, "edr", graph.MovedOutWith))

	f.pass(1, simulator.Change{})
	f.overrule(t, "")
	f.run(t, exitDone)
	check("")
	require.Positive(t, f.total(t, "rmm", graph.MovedOutWith))
}

// TestTrendIsTheSameOnBothStores: what a fleet's days come to is the same text from a file and from a server.
func TestTrendIsTheSameOnBothStores(t *testing.T) {
	answers := map[string]string{}
	onBothGraphs(t, func(t *testing.T, p place) {
		f := newTrendFleet(t, p, 1)
		f.run(t, exitDone)
		f.pass(1, simulator.Change{Add: 6, Remove: 3, LoseAgent: 3, GetAgent: 4})
		f.run(t, exitDone)
		f.pass(1, simulator.Change{Add: 2})
		f.overrule(t, "exclude: ['hostname:"+strings.Join(f.hostnames(t), "', 'hostname:")+"']\n")
		f.env["SENTINELONE_API_TOKEN"] += "-not-at-all"
		f.run(t, exitIncomplete)
		f.env["SENTINELONE_API_TOKEN"] = strings.TrimSuffix(f.env["SENTINELONE_API_TOKEN"], "-not-at-all")
		f.pass(2, simulator.Change{LoseAgent: 2})
		f.overrule(t, f.sameMachinesAndCustomers(t))
		f.run(t, exitDone)
		for _, args := range [][]string{{"json"}, {"table"}, {"html"}, {"csv", "--by", "day"}, {"json", "--by", "day"}} {
			text := f.at(t, exitDone, append([]string{"report", "trend", "--output"}, args...)...)
			key := strings.Join(args, " ")
			if answers[key] == "" {
				answers[key] = text
			}
			require.Equal(t, answers[key], text, key)
		}
		f.trendHasForms(t)
		f.trendsAreNarrowed(t)
		f.mistakesAreNamed(t)
		f.customerShowsTheTrend(t)
		f.figuresAreForgotten(t)
	})
}

// A trendRow is a row of `report trend --output json`.
type trendRow struct {
	Organization, Tool, Trend, Reason string
	First, Last, Lowest, Change       *float64
	FirstOn, LastOn, LowestOn         string
	Machines, Covered                 int
	Days                              []struct {
		Day, Reason       string
		Share             *float64
		Machines, Covered int
		Whole             bool
		Since             *string
		Flows             map[string]int
	}
}

func (f *trendFleet) trend(t *testing.T, args ...string) (rows []trendRow) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(f.at(t, exitDone, append([]string{"report", "trend", "--output", "json"}, args...)...)), &rows))
	return rows
}

// trendHasForms: what a row says follows from its days, and is the same in each form.
func (f *trendFleet) trendHasForms(t *testing.T) {
	rows := f.trend(t)
	byDay := f.days(t)
	csv := f.rows(t, "report", "trend")
	require.Len(t, csv, len(rows))
	text, html := f.at(t, exitDone, "report", "trend"), f.at(t, exitDone, "report", "trend", "--output", "html")
	requireWidth(t, text, 80)
	requireSelfContained(t, html)
	requireWidth(t, f.at(t, exitDone, "report", "trend", "--by", "day"), 80)
	requireSelfContained(t, f.at(t, exitDone, "report", "trend", "--by", "day", "--output", "html"))
	flat := strings.Join(strings.Fields(text), " ")
	require.Contains(t, flat, "Note: no run kept figures on 1 day in between: those are gaps.")
	require.Contains(t, flat, "Sources: 3 of 3 were read completely")
	require.Regexp(t, `EDR: \d+ of \d+ machines \(\d+\.\d %\) on 2026-11-05; [+-]\d+\.\d points since 2026-11-01\.`, flat)
	days, falls := 0, 0
	for i, r := range rows {
		days += len(r.Days)
		var first, last, lowest *float64
		for n, d := range r.Days {
			share := float64(d.Covered*1000/max(d.Machines, 1)) / 10
			require.Equal(t, d.Machines == 0, d.Share == nil)
			if d.Share == nil {
				continue
			}
			require.InDelta(t, share, *d.Share, 0)
			if d.Whole {
				if first == nil {
					first = d.Share
				}
				if last = d.Share; lowest == nil || *lowest > share {
					lowest = d.Share
				}
			}
			require.Equal(t, !d.Whole, strings.HasSuffix(d.Reason, " was read"))
			if strings.Contains(d.Reason, "points") {
				falls++
				require.Contains(t, r.Reason, d.Day+" "+d.Reason)
				require.NotContains(t, d.Reason, "not known")
				require.Less(t, d.Covered*r.Days[n-1].Machines, d.Machines*r.Days[n-1].Covered)
			}
		}
		require.Equal(t, []*float64{first, last, lowest}, []*float64{r.First, r.Last, r.Lowest}, r.Organization)
		if first != nil {
			require.InDelta(t, *last-*first, *r.Change, 0.001)
			require.Contains(t, html, strconv.FormatFloat(*last, 'f', 1, 64)+" %")
		}
		require.Equal(t, []string{r.Organization, r.Tool, r.Trend, r.Reason},
			[]string{csv[i]["organization"], csv[i]["tool"], csv[i]["trend"], csv[i]["reason"]})
		if len(r.Days) == 4 {
			require.Len(t, []rune(r.Trend), 5)
			require.Equal(t, "·", string([]rune(r.Trend)[3]), "nothing ran")
			require.Equal(t, r.Tool == "edr", string([]rune(r.Trend)[2]) == "·", "not read")
		}
	}
	require.Greater(t, falls, 3)
	require.Len(t, byDay, days)
	require.Contains(t, html, "<polyline")
	require.Contains(t, html, "<circle")
	require.Contains(t, html, "<desc>")
	shown := pageRows(t, html)
	require.Len(t, shown, len(rows))
}

func (f *trendFleet) trendsAreNarrowed(t *testing.T) {
	all := f.trend(t)
	one := all[0]
	edr := f.trend(t, "--tool", "edr")
	require.Equal(t, slices.DeleteFunc(slices.Clone(all), func(r trendRow) bool { return r.Tool != "edr" }), edr)
	require.Equal(t, slices.DeleteFunc(slices.Clone(all), func(r trendRow) bool { return r.Organization != one.Organization }),
		f.trend(t, "--customer", strings.ToUpper(one.Organization)))
	for _, r := range f.trend(t, "--since", "2026-11-02", "--until", "2026-11-03") {
		for _, d := range r.Days {
			require.Contains(t, []string{"2026-11-02", "2026-11-03"}, d.Day)
		}
	}
	for _, r := range f.trend(t, "--since", "0d") {
		require.Len(t, r.Days, 1)
		require.Equal(t, "2026-11-05", r.Days[0].Day)
	}
	require.Empty(t, f.trend(t, "--until", "2026-10-31"))
	require.Contains(t, strings.Join(strings.Fields(f.at(t, exitDone, "report", "trend", "--until", "2026-10-31")), " "), "no run has kept figures of these days")
}

func (f *trendFleet) mistakesAreNamed(t *testing.T) {
	for _, m := range [][]string{
		{"--tool", "antivirus", "edr, rmm or deployment"}, {"--customer", "no such customer", "--organization: there is no organization"},
		{"--since", "long", "--since"}, {"--until", "long", "--until"}, {"--by", "tool", "organization, day"},
	} {
		execute(t, f.env, "report", "trend", m[0], m[1]).requireFailed(t, exitUsage, m[2])
	}
	execute(t, f.env, "report", "trend", "--since", "2026-11-03", "--until", "2026-11-02").requireFailed(t, exitUsage, "--until 2026-11-02 is before --since 2026-11-03")
}

// customerShowsTheTrend: the figures of a customer's page are those of the report.
func (f *trendFleet) customerShowsTheTrend(t *testing.T) {
	r := f.trend(t, "--tool", "rmm")[0]
	text := f.at(t, exitDone, "report", "customer", r.Organization, "--output", "html")
	requireSelfContained(t, text)
	require.Contains(t, text, "<h2>Coverage over time</h2>")
	for _, d := range []int{0, len(r.Days) - 1} {
		require.Contains(t, text, strconv.Itoa(r.Days[d].Covered)+" of "+strconv.Itoa(r.Days[d].Machines)+" ("+strconv.FormatFloat(*r.Days[d].Share, 'f', 1, 64)+" %)")
	}
	require.Contains(t, text, "RMM "+strconv.FormatFloat(*r.Last, 'f', 1, 64)+" %")
}

// figuresAreForgotten after two years, and when all of the graph is.
func (f *trendFleet) figuresAreForgotten(t *testing.T) {
	days := func() []string {
		var list []string
		for _, r := range f.days(t) {
			list = append(list, r["day"])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	f.pass(2*365-3, simulator.Change{})
	f.run(t, exitDone)
	require.Equal(t, []string{"2026-11-01", "2026-11-02", "2026-11-03", "2026-11-05", "2028-11-01"}, days())
	f.pass(3, simulator.Change{})
	f.run(t, exitDone)
	require.Equal(t, []string{"2026-11-05", "2028-11-01", "2028-11-04"}, days())
	f.at(t, exitDone, "clear", "--all", "--yes")
	require.Empty(t, days())
	f.run(t, exitDone)
	require.Equal(t, []string{"2028-11-04"}, days())
	require.Zero(t, f.total(t, "rmm", graph.FigureFlows()...), "what it was compared with is forgotten too")
}
