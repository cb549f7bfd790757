package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/executor"
)

// A bent list is one whose records have some members in another shape than the provider's own documents give them.
type bentList struct {
	product, only string            // only records with this member
	members       map[string]string // raw JSON
	warnings      []string          // one for each field, up to the figures
}

func bentLists() []bentList {
	return []bentList{
		{
			"sentinelone", "agentVersion",
			map[string]string{"cloudProviders": `[]`, "tags": `"prod"`, "activeThreats": `"N/A"`, "osName": `{"hunter2":1}`, "isActive": `[true]`, "lastActiveDate": `{"$date":1}`},
			[]string{
				"cloudProviders left out: an array where an object was expected", "tags left out: a text where an object with tags was expected",
				"activeThreats left out: a text where a whole number was expected", "osName left out: an object where a text was expected",
				"isActive left out: an array where true or false was expected", "lastActiveDate left out: an object where a time was expected",
			},
		},
		{"sentinelone", "siteType", map[string]string{"totalLicenses": `"integer"`}, []string{"totalLicenses left out: a text where a whole number was expected"}},
		{
			"ninjarmm", "nodeClass",
			map[string]string{"memory": `"16 GB"`, "processors": `["Xeon","Xeon"]`, "lastContact": `{"seconds":1}`, "publicIP": `{"hunter2":1}`},
			[]string{
				"memory left out: a text where an object was expected", "processors[] left out: a text where an object was expected",
				"lastContact left out: an object where a time was expected", "publicIP left out: an object where an array of texts was expected",
			},
		},
		{"ninjarmm", "userType", map[string]string{"mfaConfigured": `"perhaps"`}, []string{"mfaConfigured left out: a text where true or false was expected"}},
		{
			"immybot", "onboardingStatus",
			map[string]string{"chassisTypes": `"laptop"`, "licensed": `"yes"`, "operatingSystem": `["Windows"]`, "createdDate": `[]`},
			[]string{
				"chassisTypes left out: a text where an array was expected", "licensed left out: a text where true or false was expected",
				"operatingSystem left out: an array where a text was expected", "createdDate left out: an array where a time was expected",
			},
		},
		{"immybot", "azurePrincipalId", map[string]string{"lastName": `{}`}, []string{"lastName left out: an object where a text was expected"}},
	}
}

// bend returns a rewriting of answers that gives the records of a list those members.
func bend(only string, members map[string]string) func([]byte) []byte {
	return func(body []byte) []byte {
		out, ok := editRows(body, func(rows []json.RawMessage) []json.RawMessage {
			for i, raw := range rows {
				var r bendable
				if json.Unmarshal(raw, &r) == nil && r[only] != nil {
					for name, value := range members {
						r = r.with(name, value)
					}
					rows[i] = must(json.Marshal(r))
				}
			}
			return rows
		})
		if !ok {
			return body
		}
		return out
	}
}

// TestFieldOfAnotherShapeCostsThatField bends fields of every record of a list. No record is lost, none is left out,
// each field is named once, and what was removed comes back with it.
func TestFieldOfAnotherShapeCostsThatField(t *testing.T) {
	t.Parallel()
	onBothStores(t, fieldOfAnotherShape)
}

func fieldOfAnotherShape(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, fleetPage)
	for _, b := range bentLists() {
		t.Run(b.product+" "+b.only, func(t *testing.T) {
			rw.rewrite = bend(b.only, b.members)
			store := g.fork(t).open(t)
			truth := e.truth(t, t.Context(), b.product)
			rw.on.Store(true)
			report := e.run(t, t.Context(), store, b.product)
			require.Positive(t, rw.count.Swap(0))
			require.Equal(t, executor.StatusComplete, report.Run.Status, "%v", report.Steps)
			require.Zero(t, report.Totals.Deleted)
			requireSaidOnce(t, b.warnings, report.Warnings)
			bent := read(t, t.Context(), store, b.product)
			require.Equal(t, slices.Sorted(maps.Keys(truth)), slices.Sorted(maps.Keys(bent)))
			require.NotEmpty(t, truth.changed(bent))

			again := e.run(t, t.Context(), store, b.product)
			require.Zero(t, again.Totals.Created+again.Totals.Updated+again.Totals.Deleted, "the same again: %+v", again.Totals)
			rw.on.Store(false)
			e.run(t, t.Context(), store, b.product)
			requireEqual(t, truth, read(t, t.Context(), store, b.product), "after a healthy run")
			g.healed = true
		})
	}
}

// requireSaidOnce checks that each warning stands there once, with a count, and quotes no value.
func requireSaidOnce(t *testing.T, want, warnings []string) {
	t.Helper()
	all := strings.Join(warnings, "\n")
	for _, w := range want {
		require.Equal(t, 1, strings.Count(all, ": field "+w+" ("), "%q in\n%s", w, all)
	}
	require.Equal(t, len(want), strings.Count(all, " left out: "), "%s", all)
	require.Regexp(t, `\(\d+ records, the first is [a-z]+ \d+\)`, all)
	require.NotContains(t, all, "hunter2")
}

// TestReferenceOfAnotherShapeRemovesNothingAtOnce bends a field that relationships come from, of every record. The
// records stay, and the guard holds what would be removed with the relationships.
func TestReferenceOfAnotherShapeRemovesNothingAtOnce(t *testing.T) {
	t.Parallel()
	onBothStores(t, referenceOfAnotherShape)
}

func referenceOfAnotherShape(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, fleetPage)
	for product, b := range map[string]struct{ only, member string }{
		"sentinelone": {"agentVersion", "groupId"}, "ninjarmm": {"nodeClass", "organizationId"}, "immybot": {"onboardingStatus", "tenantId"},
	} {
		t.Run(product, func(t *testing.T) {
			rw.rewrite = bend(b.only, map[string]string{b.member: `{"id":1}`})
			store := g.fork(t).open(t)
			truth := e.truth(t, t.Context(), product)
			rw.on.Store(true)
			defer rw.on.Store(false)
			report := e.run(t, t.Context(), store, product)
			require.Equal(t, executor.StatusWithheld, report.Run.Status, "%v", report.Steps)
			require.Equal(t, 1, strings.Count(fmt.Sprint(report.Warnings), "field "+b.member+" left out: an object where"))
			require.Empty(t, truth.without(read(t, t.Context(), store, product)))
		})
	}
}

// TestIDOfAnotherShapeCostsItsRecord bends the id of one record in each list that has one: the list is incomplete, and
// nothing is deleted.
func TestIDOfAnotherShapeCostsItsRecord(t *testing.T) {
	t.Parallel()
	onBothStores(t, idOfAnotherShape)
}

func idOfAnotherShape(t *testing.T, g *ground) {
	rw, e := g.rewritten(t, fleetPage)
	for product, only := range map[string]string{"sentinelone": "agentVersion", "ninjarmm": "nodeClass", "immybot": "onboardingStatus"} {
		for _, id := range few(g, []string{`{}`, `["1"]`, `{"value":1}`}, 3, 0) {
			t.Run(fmt.Sprint(product, " ", id), func(t *testing.T) {
				rw.rewrite = bendFirstWith(only, id)
				store := g.fork(t).open(t)
				truth := e.truth(t, t.Context(), product)
				rw.on.Store(true)
				defer rw.on.Store(false)
				report := e.run(t, t.Context(), store, product)
				require.Equal(t, executor.StatusIncomplete, report.Run.Status)
				require.Contains(t, fmt.Sprint(report.Steps), "without id: field id: ")
				require.Zero(t, report.Totals.Deleted)
				require.Empty(t, truth.without(read(t, t.Context(), store, product)))
			})
		}
	}
}

// bendFirstWith gives the first record of a list another id.
func bendFirstWith(only, id string) func([]byte) []byte {
	return func(body []byte) []byte {
		out, ok := editRows(body, func(rows []json.RawMessage) []json.RawMessage {
			var r bendable
			if json.Unmarshal(rows[0], &r) == nil && r[only] != nil {
				rows[0] = must(json.Marshal(r.with("id", id)))
			}
			return rows
		})
		if !ok {
			return body
		}
		return out
	}
}
