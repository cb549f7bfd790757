package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func findingTests() []test {
	return []test{
		{"a finding comes back in each of its states, and is written over", findingsComeBack},
		{"one that is not closed was last seen when its kind was last looked for", findingsAreSeen},
		{"findings come in the order of their ids, and by their states", findingsAreSelected},
		{"hostile texts are kept as they are", findingsHoldAnyText},
		{"under a lease that was lost nothing is written", findingsUnderALease},
		{"what was closed long ago is forgotten, and all of it when that is asked for", findingsAreForgotten},
		{"findings are no part of the data", findingsAreNoData},
	}
}

func (e *env) save(store graph.FindingBook, checks map[string]time.Time, list ...graph.Finding) {
	e.Helper()
	require.NoError(e, store.SaveFindings(e.Context(), graph.Lease{}, list, checks))
}

func (e *env) findings(store graph.FindingBook, states ...graph.FindingState) []graph.Finding {
	e.Helper()
	list := []graph.Finding{}
	for f, err := range store.Findings(e.Context(), graph.FindingSelection{States: states}) {
		require.NoError(e, err)
		list = append(list, f)
	}
	return list
}

// finding makes one about a machine, last seen when it was opened.
func finding(kind, machine string) graph.Finding {
	device := graph.EntityKey("fleet", "fleetmgr_device", machine)
	return graph.Finding{
		ID: graph.FindingID(kind, device), Kind: kind, Device: device, Name: machine, Organization: "Acme",
		Reason: kind + ": no record", State: graph.FindingOpen, Opened: 1,
		FirstSeenOn: at(1), OpenedOn: at(1), LastSeenOn: at(1),
	}
}

func findingsComeBack(e *env) {
	store := e.open()
	require.Empty(e, e.findings(store))
	f := finding("missing-edr", "1")
	steps := []func(){
		func() {},
		func() { f.Reason, f.Name, f.Organization = "another", "renamed", "" },
		func() {
			f.State, f.Exception = graph.FindingAccepted, graph.Exception{Reason: "spare", Owner: "it", Until: at(9)}
		},
		func() { f.Exception = graph.Exception{Reason: "for ever"} },
		func() {
			f.State, f.Exception, f.ClosedOn, f.LastSeenOn = graph.FindingClosed, graph.Exception{}, at(5), at(4)
		},
		func() {
			f.State, f.ClosedOn, f.OpenedOn, f.LastSeenOn, f.Opened = graph.FindingReopened, time.Time{}, at(6), at(1), 2
		},
	}
	for i, step := range steps {
		step()
		for range 2 {
			e.save(store, nil, f)
			require.Equal(e, []graph.Finding{f}, e.findings(store), i)
		}
	}
	require.Equal(e, []graph.Finding{f}, e.findings(e.openAs(e.schema, true)))
}

func findingsAreSeen(e *env) {
	store := e.open()
	open, closed, other := finding("missing-edr", "1"), finding("missing-edr", "2"), finding("duplicate", "1")
	closed.State, closed.ClosedOn, closed.LastSeenOn = graph.FindingClosed, at(3), at(2)
	checks, err := store.FindingChecks(e.Context())
	require.NoError(e, err)
	require.Empty(e, checks)
	e.save(store, map[string]time.Time{"missing-edr": at(4), "missing-rmm": at(4)}, open, closed, other)
	e.save(store, map[string]time.Time{"missing-edr": at(7)})
	checks, err = store.FindingChecks(e.Context())
	require.NoError(e, err)
	require.Equal(e, map[string]time.Time{"missing-edr": at(7), "missing-rmm": at(4)}, checks)
	open.LastSeenOn = at(7)
	require.ElementsMatch(e, []graph.Finding{open, closed, other}, e.findings(store))
}

func findingsAreSelected(e *env) {
	store := e.open()
	const many = 1203 // more than a page, or than a statement takes
	var list []graph.Finding
	states := graph.FindingStates()
	for n := range many {
		f := finding("missing-edr", fmt.Sprint(n))
		f.State = states[n%len(states)]
		if f.State == graph.FindingClosed {
			f.ClosedOn = at(2)
		}
		list = append(list, f)
	}
	e.save(store, nil, list...)
	slices.SortFunc(list, func(a, b graph.Finding) int { return strings.Compare(a.ID, b.ID) })
	require.Equal(e, list, e.findings(store))
	for _, asked := range [][]graph.FindingState{{graph.FindingOpen}, {graph.FindingAccepted, graph.FindingClosed}} {
		want := slices.DeleteFunc(slices.Clone(list), func(f graph.Finding) bool { return !slices.Contains(asked, f.State) })
		require.Equal(e, want, e.findings(store, asked...))
	}
	ids, states, want := []string{"none", list[3].ID, list[1].ID, list[3].ID}, []graph.FindingState(nil), []graph.Finding{list[1], list[3]}
	for range 2 {
		got := []graph.Finding{}
		for f, err := range store.Findings(e.Context(), graph.FindingSelection{States: states, IDs: ids}) {
			require.NoError(e, err)
			got = append(got, f)
		}
		require.Equal(e, want, got)
		states = []graph.FindingState{list[1].State}
		want = slices.DeleteFunc(want, func(f graph.Finding) bool { return f.State != list[1].State })
	}
	for f, err := range store.Findings(e.Context(), graph.FindingSelection{IDs: []string{}}) {
		require.NoError(e, err)
		require.Empty(e, f, "nothing is asked for")
	}
	counts := map[graph.FindingState]int{}
	for _, f := range list {
		counts[f.State]++
	}
	got, err := store.FindingCounts(e.Context())
	require.NoError(e, err)
	require.Equal(e, counts, got)
	_, err = store.FindingCounts(cancelled(e))
	require.ErrorIs(e, err, context.Canceled)
	for f, err := range store.Findings(e.Context(), graph.FindingSelection{}) {
		require.NoError(e, err)
		require.Equal(e, list[0], f)
		break
	}
	for _, err := range store.Findings(cancelled(e), graph.FindingSelection{}) {
		require.ErrorIs(e, err, context.Canceled)
	}
}

func findingsHoldAnyText(e *env) {
	store := e.open()
	f := finding("missing-edr", `it's "ü" {null} '; --`+"\t\u2028")
	f.Organization, f.Reason, f.State = "`a`", "é\n$1 ?2 :x", graph.FindingAccepted
	f.Exception = graph.Exception{Reason: "it's \\u0060", Owner: "O'Neil"}
	e.save(store, nil, f)
	require.Equal(e, []graph.Finding{f}, e.findings(store))
}

func findingsUnderALease(e *env) {
	store := e.open()
	former := e.acquire(store, "fleet", "run-1", shortTTL)
	now := e.takeOver(store, "fleet", "run-2")
	f := finding("missing-edr", "1")
	checks := map[string]time.Time{"missing-edr": at(4)}
	require.ErrorIs(e, store.SaveFindings(e.Context(), former, []graph.Finding{f}, checks), graph.ErrLeaseLost)
	require.ErrorIs(e, store.SaveFindings(cancelled(e), now, []graph.Finding{f}, checks), context.Canceled)
	require.Empty(e, e.findings(store))
	have, err := store.FindingChecks(e.Context())
	require.NoError(e, err)
	require.Empty(e, have)
	require.NoError(e, store.SaveFindings(e.Context(), now, []graph.Finding{f}, nil))
	require.Len(e, e.findings(store), 1)
	reading := e.openAs(e.schema, true)
	require.ErrorIs(e, reading.SaveFindings(e.Context(), graph.Lease{}, nil, checks), graph.ErrReadOnly)
	require.ErrorIs(e, reading.ForgetFindings(e.Context(), at(9)), graph.ErrReadOnly)
}

func findingsAreForgotten(e *env) {
	store := e.open()
	var list []graph.Finding
	for n := range 4 {
		f := finding("missing-edr", fmt.Sprint(n))
		if n > 0 {
			f.State, f.ClosedOn, f.LastSeenOn = graph.FindingClosed, at(n), at(n)
		}
		list = append(list, f)
	}
	e.save(store, map[string]time.Time{"missing-edr": at(4)}, list...)
	left := func(before time.Time) (names []string) {
		require.NoError(e, store.ForgetFindings(e.Context(), before))
		for _, f := range e.findings(store) {
			names = append(names, f.Name)
		}
		slices.Sort(names)
		return names
	}
	require.Equal(e, []string{"0", "1", "2", "3"}, left(at(1)))
	require.Equal(e, []string{"0", "3"}, left(at(3)))
	require.Equal(e, []string{"0"}, left(at(9)))
	require.Empty(e, left(time.Time{}))
	checks, err := store.FindingChecks(e.Context())
	require.NoError(e, err)
	require.Empty(e, checks)
}

func findingsAreNoData(e *env) {
	store := e.open()
	org, devices, _ := e.link(store)
	counts, dump := e.populations(store), e.dump(store)
	e.save(store, map[string]time.Time{"missing-edr": at(4)}, finding("missing-edr", devices[0].Get("id").Text()))
	require.Equal(e, counts, e.populations(store))
	require.Equal(e, dump, e.dump(store))
	e.apply(store, graph.Delete, at(3), e.relationship(e.has, "fleet", org.Key, devices[0].Key, nil))
	e.apply(store, graph.Delete, at(3), devices[0])
	require.Empty(e, e.elements(store, graph.Selection{Type: e.device, Keys: []graph.Key{devices[0].Key}}),
		"a finding keeps no machine")
	require.Len(e, e.findings(store), 1)
}
