package findings

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/correlate"
	"assetgraph/internal/report"
)

func tools() []*converters.Tool {
	return []*converters.Tool{
		{Name: "edr", Title: "EDR", Works: "protects", Fails: "unprotected"}, {Name: "rmm", Title: "RMM"},
	}
}

func TestKindsAreAContract(t *testing.T) {
	require.Equal(t, []string{
		"missing-edr", "stale-edr", "edr-disabled", "edr-error", "edr-permissions", "edr-detect-only", "edr-uninstalling",
		"edr-expired", "missing-rmm", "stale-rmm", "duplicate", "stale-everywhere", "os-past-support",
	}, Names(Kinds(tools())))
}

// What is so of a machine, why, and when it comes to be so.
func TestKindsOfAMachine(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	of := func(x report.Examined) map[string]string {
		all := map[string]string{}
		for _, k := range Kinds(tools()) {
			if reason := k.of(&x, now); reason != "" {
				all[k.Name] = reason
			}
		}
		return all
	}
	require.Empty(t, of(report.Examined{}))
	require.Empty(t, of(report.Examined{LastSeen: now.Add(-StaleAfter), SupportEnds: now.Add(1)}))
	require.Equal(t, map[string]string{
		"missing-edr": "no record", "stale-rmm": "last seen 2026-09-01", "edr-disabled": "the agent is disabled",
		"duplicate": "several live records of SentinelOne, ImmyBot", "stale-everywhere": "last seen by any product 2026-10-01",
		"os-past-support": "support of its operating system ended on 2025-10-14",
	}, of(report.Examined{
		Words:    []string{"edr", "stale-rmm", "edr-disabled"},
		Reasons:  []string{"edr: no record", "stale-rmm: last seen 2026-09-01", "edr-disabled: the agent is disabled"},
		Several:  []string{"SentinelOne", "ImmyBot"},
		LastSeen: now.Add(-31 * day), SupportEnds: time.Date(2025, 10, 14, 0, 0, 0, 0, time.UTC),
	}))
	x := report.Examined{LastSeen: now, SupportEnds: now.Add(day)}
	for _, k := range Kinds(tools()) {
		if k.turns == nil {
			continue
		}
		at := k.turns(&x)
		require.Empty(t, k.of(&x, at.Add(-1)), k.Name)
		require.NotEmpty(t, k.of(&x, at), k.Name)
	}
}

func TestExceptionsFit(t *testing.T) {
	f := graph.Finding{Kind: "missing-edr", Name: "LAB-7", Device: "assetgraph:device:serial-5CG1", Organization: "Contoso Ltd"}
	m := report.Examined{Serial: "5CG1"}
	for _, c := range []struct {
		x    correlate.Exception
		fits bool
	}{
		{correlate.Exception{Kinds: []string{"MISSING-*"}}, true},
		{correlate.Exception{Kinds: []string{"missing-rmm", "stale-*"}}, false},
		{correlate.Exception{Machines: []string{"lab-?"}}, true},
		{correlate.Exception{Machines: []string{"5cg1"}}, true},
		{correlate.Exception{Machines: []string{"assetgraph:device:serial-5CG1"}}, true},
		{correlate.Exception{Machines: []string{"lab-"}}, false},
		{correlate.Exception{Customers: []string{"contoso*"}}, true},
		{correlate.Exception{Customers: []string{"acme"}}, false},
		{correlate.Exception{Kinds: []string{"*"}, Machines: []string{"LAB-7"}, Customers: []string{"acme"}}, false},
		{correlate.Exception{Tags: []string{"spare"}}, false}, // no record of the machine has it
	} {
		c.x.Reason = "because"
		got := rulebook{c.x}.of(&f, &m)
		require.Equal(t, c.fits, got != nil, "%+v", c.x)
	}
}

// The exception counts that ends last, and none that has ended.
func TestExceptionsInForce(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	x := func(reason string, days int) correlate.Exception {
		return correlate.Exception{Machines: []string{"*"}, Reason: reason, Until: now.AddDate(0, 0, days)}
	}
	forever := correlate.Exception{Machines: []string{"*"}, Reason: "forever"}
	reasons := func(list ...correlate.Exception) (out []string) {
		for _, x := range inForce(list, now) {
			out = append(out, x.Reason)
		}
		return out
	}
	require.Equal(t, []string{"forever", "c", "a"}, reasons(x("a", 1), x("over", 0), forever, x("c", 3), x("past", -1)))
}

func TestWhatIsNotedStands(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	n := note{Of: "graph", By: "so", Readings: map[string]Reading{"edr": Whole, "rmm": Unread}, At: at, Since: at, Until: nextWhole(at),
		Turns: []turn{{at.Add(time.Hour), "a"}, {at.Add(2 * time.Hour), "b"}}, Fading: []graph.Key{"c"}, Machines: 100}
	o := Options{Of: "graph", At: at.Add(time.Minute), AsOf: at.Add(time.Minute), Readings: map[string]Reading{"edr": Whole, "rmm": Unread}}
	require.True(t, n.stands(&o, "so"))
	for name, change := range map[string]func(*note, *Options){
		"the graph holds something else":   func(_ *note, o *Options) { o.Of = "other" },
		"what it holds is not known":       func(n *note, o *Options) { n.Of, o.Of = "", "" },
		"it is judged otherwise":           func(n *note, _ *Options) { n.By = "otherwise" },
		"more is known":                    func(_ *note, o *Options) { o.Readings = map[string]Reading{"edr": Whole, "rmm": Whole} },
		"something has turned":             func(_ *note, o *Options) { o.AsOf = at.Add(time.Hour) },
		"an exception has ended":           func(_ *note, o *Options) { o.Exceptions = []correlate.Exception{{Until: o.At}} },
		"the last whole look is too old":   func(n *note, o *Options) { n.Turns, o.AsOf = nil, at.Add(wholeAfter) },
		"the clock went back":              func(_ *note, o *Options) { o.AsOf = at.Add(-1) },
		"everything is to be looked at":    func(_ *note, o *Options) { o.Verify = true },
		"a tool is there that was not":     func(_ *note, o *Options) { o.Readings = map[string]Reading{"edr": Whole, "mdm": Nobody} },
		"nobody reads it who read it once": func(_ *note, o *Options) { o.Readings = map[string]Reading{"edr": Nobody} },
	} {
		n, o := n, o
		change(&n, &o)
		require.False(t, n.stands(&o, "so"), name)
	}
	o.Readings = map[string]Reading{"edr": Unread, "rmm": Unread}
	require.True(t, n.stands(&o, "so"), "less is known: nothing opens or closes")
	o.Exceptions = []correlate.Exception{{Until: at}, {Until: at.Add(time.Hour)}, {}}
	require.True(t, n.stands(&o, "so"), "one had ended before, the others have not")

	// What has changed alone is looked at: beside it what was not seen for long, and what has turned by time.
	o = Options{
		Of: "another", Before: "graph", Known: true, Changed: []graph.Key{"x"}, At: at, AsOf: at.Add(90 * time.Minute), Readings: n.Readings,
	}
	changed := func(n note, o Options) map[graph.Key]bool {
		devices, err := n.changed(t.Context(), &o, "so")
		require.NoError(t, err)
		return devices
	}
	require.Equal(t, map[graph.Key]bool{"a": true, "c": true, "x": true}, changed(n, o))
	still := o
	still.Of, still.Changed = "graph", nil
	require.Equal(t, map[graph.Key]bool{"a": true}, changed(n, still), "nothing was seen since")
	for name, change := range map[string]func(*note, *Options){
		"anything may have changed":          func(_ *note, o *Options) { o.Known = false },
		"the graph was another one":          func(_ *note, o *Options) { o.Before = "other" },
		"what it held is not known":          func(n *note, o *Options) { n.Of, o.Before = "", "" },
		"more is known":                      func(_ *note, o *Options) { o.Readings = map[string]Reading{"rmm": Whole} },
		"everything is to be looked at":      func(_ *note, o *Options) { o.Verify = true },
		"the last whole look is too old":     func(_ *note, o *Options) { o.AsOf = at.Add(wholeAfter) },
		"many have changed":                  func(n *note, _ *Options) { n.Machines = 11 },
		"what is judged is judged otherwise": func(n *note, _ *Options) { n.By = "otherwise" },
	} {
		n, o := n, o
		change(&n, &o)
		require.Nil(t, changed(n, o), name)
	}
}

// Everything is looked at on the first run of each day.
func TestNextWholeLook(t *testing.T) {
	midnight := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{midnight.Add(-24 * time.Hour), midnight.Add(-time.Hour), midnight.Add(-1)} {
		require.Equal(t, midnight, nextWhole(at))
	}
	require.Equal(t, midnight.Add(24*time.Hour), nextWhole(midnight))
}
