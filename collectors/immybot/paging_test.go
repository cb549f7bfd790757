package immybot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func TestRowsAreReadInPagesSortedByID(t *testing.T) {
	for _, n := range []int{0, 1, 4, 5, 6, 9, 10, 13, 23} { // around one, two and more pages of 5
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			in := newInstance(t)
			list := &pagedList{rows: computers(n)}
			in.list("/computers/paged", list)
			records, m, err := readAll(t, in.collector(5), "computers")
			require.NoError(t, err)
			require.Equal(t, idsOf(list.rows), ids(records))
			told := m.Expected()
			require.Equal(t, n, told)
			require.Equal(t, list.requests, m.Pages())
		})
	}
}

func TestLastPageThatIsFullIsFollowedByOneThatEndsTheList(t *testing.T) {
	in := newInstance(t)
	in.list("/computers/paged", &pagedList{rows: computers(9)}) // 5 and, behind the overlap, 4
	records, _, err := readAll(t, in.collector(5), "computers")
	require.NoError(t, err)
	require.Len(t, records, 9)
	asked := in.asked("/api/v1/computers/paged")
	require.Len(t, asked, 3)
	require.Contains(t, asked[0], "skip=0&sort=id&sortDesc=false&take=5")
	require.Contains(t, asked[1], "skip=4&")
	require.Contains(t, asked[2], "skip=8&")
}

func TestRowRemovedDuringTheWalkHidesNoOther(t *testing.T) {
	for _, removed := range [][]int{{1}, {5}, {1, 2, 3}, {4, 5}, {1, 2, 3, 4, 5}} {
		t.Run(fmt.Sprint(removed), func(t *testing.T) {
			in := newInstance(t)
			list := &pagedList{rows: computers(30)}
			list.before = func(request int) {
				if request == 2 {
					for _, id := range removed {
						list.remove(id)
					}
				}
			}
			in.list("/computers/paged", list)
			records, _, err := readAll(t, in.collector(5), "computers")
			require.NoError(t, err)
			require.Equal(t, idsOf(computers(30)), ids(records),
				"what was there at the start or the end has come, once")
			require.Less(t, list.requests, 12, "the walk steps back and does not begin anew")
			for _, asked := range in.asked("/api/v1/computers/paged") {
				require.Contains(t, asked, "take=5")
			}
		})
	}
}

func TestListThatShrinksToLessThanWhatWasRead(t *testing.T) {
	in := newInstance(t)
	list := &pagedList{rows: computers(30)}
	list.before = func(request int) {
		if request == 4 {
			list.rows = list.rows[10:]
		}
	}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(5), "computers")
	require.NoError(t, err)
	got := ids(records)
	require.Subset(t, idsOf(computers(30)), got)
	require.Subset(t, got, idsOf(computers(30)[10:]), "what was there at the end has come")
	require.Subset(t, got, idsOf(computers(9)), "and what was read before")
	require.Len(t, slices.Compact(got), len(records), "once")
}

func TestRowRestoredInFrontDuringTheWalkIsReadInASecondPass(t *testing.T) {
	in := newInstance(t)
	all := computers(30)
	list := &pagedList{rows: slices.Clone(all[1:])}
	list.before = func(request int) {
		if request == 3 {
			list.rows = all
		}
	}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(5), "computers")
	require.NoError(t, err)
	require.Equal(t, idsOf(all), ids(records))
}

func TestRowsThatComeAndGoUntilTheCountIsRightAgainAreNotTrusted(t *testing.T) {
	in := newInstance(t)
	all := computers(30)
	list := &pagedList{rows: slices.Clone(all[1:])}
	list.before = func(request int) {
		switch request {
		case 3:
			list.rows = all // 1 comes, in front of what is read now
		case 5:
			list.remove(2) // and one that was read goes
		}
	}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(5), "computers")
	require.NoError(t, err)
	require.Equal(t, idsOf(all), ids(records))
}

func TestRowAddedDuringTheWalkIsReadAtTheEnd(t *testing.T) {
	in := newInstance(t)
	all := computers(12)
	list := &pagedList{rows: all[:10]}
	list.before = func(request int) {
		if request == 2 {
			list.rows = all
		}
	}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(5), "computers")
	require.NoError(t, err)
	require.Equal(t, idsOf(all), ids(records))
}

func TestUnsortedPagesLoseRowsAndAreReadAgainInOnePage(t *testing.T) {
	in := newInstance(t)
	list := &pagedList{rows: computers(200), unsorted: true}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(20), "computers")
	require.NoError(t, err)
	require.Equal(t, idsOf(list.rows), ids(records))
}

func TestUnsortedPagesOfAServerThatCapsThemAreIncomplete(t *testing.T) {
	in := newInstance(t)
	in.list("/computers/paged", &pagedList{rows: computers(200), unsorted: true, cap: 20})
	records, _, err := readAll(t, in.collector(20), "computers")
	if err == nil { // chance may show every row in one pass
		require.Len(t, records, 200)
		return
	}
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.Equal(t, 200, incomplete.Expected)
	require.Less(t, incomplete.Got, 200)
}

func TestServerThatGivesFewerRowsThanAskedFor(t *testing.T) {
	in := newInstance(t)
	list := &pagedList{rows: computers(50), cap: 7}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(20), "computers")
	require.NoError(t, err)
	require.Equal(t, idsOf(list.rows), ids(records))
}

func TestServerThatIgnoresSkip(t *testing.T) {
	t.Run("gives the whole list when it is asked for in one page", func(t *testing.T) {
		in := newInstance(t)
		in.list("/computers/paged", &pagedList{rows: computers(30), skipless: true})
		records, _, err := readAll(t, in.collector(5), "computers")
		require.NoError(t, err)
		require.Len(t, records, 30)
	})
	t.Run("is incomplete when it caps the page", func(t *testing.T) {
		in := newInstance(t)
		in.list("/computers/paged", &pagedList{rows: computers(30), skipless: true, cap: 10})
		records, _, err := readAll(t, in.collector(5), "computers")
		var incomplete *collectors.IncompleteError
		require.ErrorAs(t, err, &incomplete)
		require.Equal(t, 30, incomplete.Expected)
		require.Len(t, records, 10)
	})
}

func TestCountAboveTheDistinctRowsIsIncomplete(t *testing.T) {
	in := newInstance(t)
	list := &pagedList{rows: computers(12), more: 1}
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(5), "computers")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.Equal(t, &collectors.IncompleteError{Reason: incomplete.Reason, Expected: 13, Got: 12}, incomplete)
	require.Len(t, records, 12, "what was read stands, each row once over all passes")
}

func TestEmptyAnswerWithACountIsIncomplete(t *testing.T) {
	in := newInstance(t)
	in.answer("/computers/paged", `{"count":3,"results":[]}`)
	_, _, err := readAll(t, in.collector(0), "computers")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
}

func TestPagedAnswerOfAnotherShapeIsAnErrorNeverEmpty(t *testing.T) {
	for name, body := range map[string]string{
		"bare array":          `[{"id":1}]`,
		"items in place":      `{"count":1,"items":[{"id":1}]}`,
		"data of DevExtreme":  `{"data":[],"totalCount":0}`,
		"results null":        `{"count":0,"results":null}`,
		"results an object":   `{"count":1,"results":{"id":1}}`,
		"no count":            `{"results":[]}`,
		"count null":          `{"count":null,"results":[]}`,
		"count negative":      `{"count":-1,"results":[]}`,
		"count a text":        `{"count":"many","results":[]}`,
		"cut off in a record": `{"count":2,"results":[{"id":1},{"id"}`,
	} {
		t.Run(name, func(t *testing.T) {
			in := newInstance(t)
			in.answer("/computers/paged", body)
			records, _, err := readAll(t, in.collector(0), "computers")
			require.Error(t, err)
			require.Empty(t, records)
		})
	}
}

func TestRecordThatCanNotBeReadCostsItselfAndIsCounted(t *testing.T) {
	in := newInstance(t)
	list := &pagedList{rows: computers(7)}
	list.rows[2].json = `{"id":3,"tenantId":36,"tenantId":37}`
	in.list("/computers/paged", list)
	records, _, err := readAll(t, in.collector(3), "computers")
	require.NoError(t, err)
	require.Equal(t, idsOf(list.rows), ids(records))
	broken := records[slices.IndexFunc(records, func(r collectors.Record) bool { return r.Err != nil })]
	var re *collectors.RecordError
	require.ErrorAs(t, broken.Err, &re)
	require.Equal(t, "3", re.ID)
	require.Equal(t, "tenantId", re.Field)
}

func TestRowsWithoutIDNeverLookWhole(t *testing.T) {
	in := newInstance(t)
	list := &pagedList{rows: computers(4)}
	list.rows[1].json, list.rows[2].json = `{"tenantId":1}`, `{"tenantId":1}`
	in.list("/computers/paged", list)
	_, _, err := readAll(t, in.collector(0), "computers")
	var incomplete *collectors.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.Equal(t, 4, incomplete.Expected)
}

func TestInstanceThatGoesAwayDuringTheWalkEndsItWithAnError(t *testing.T) {
	in := newInstance(t)
	list := &pagedList{rows: computers(12)}
	in.list("/computers/paged", list)
	page := in.routes["/computers/paged"]
	in.routes["/computers/paged"] = func(w http.ResponseWriter, r *http.Request) {
		if list.requests == 2 {
			in.console(w) // restarting
			return
		}
		page(w, r)
	}
	records, _, err := readAll(t, in.collector(5), "computers")
	require.Error(t, err)
	require.Len(t, records, 9)
}

func TestPageSizes(t *testing.T) {
	for _, tt := range []struct{ set, want int }{{0, 1000}, {1, 2}, {50, 50}, {10_000, 10_000}, {20_000, 10_000}} {
		in := newInstance(t)
		_, _, err := readAll(t, in.collector(tt.set), "computers")
		require.NoError(t, err)
		require.Contains(t, in.asked("/api/v1/computers/paged")[0], fmt.Sprintf("take=%d", tt.want))
	}
}

func TestCountAsksForOneRow(t *testing.T) {
	in := newInstance(t)
	in.list("/computers/paged", &pagedList{rows: computers(12)})
	n, err := count(t, in.collector(0), "computers")
	require.NoError(t, err)
	require.Equal(t, 12, n)
	require.Len(t, in.asked("/api/v1/computers/paged"), 1)
	require.Contains(t, in.asked("/api/v1/computers/paged")[0], "take=1")
}

func TestWalkStopsWithTheContext(t *testing.T) {
	for _, step := range []string{"tenants", "provider-links", "provider-agents", "computers", "persons", "users"} {
		in := newInstance(t)
		in.list("/computers/paged", &pagedList{rows: computers(12)})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := drain(stepOf(t, in.collector(5), step).Records(ctx, &collectors.Meter{}))
		require.ErrorIs(t, err, context.Canceled, step)
	}
}

func TestConsumerMayStopAnywhere(t *testing.T) {
	in := withAgents(t)
	for _, step := range in.collector(2).Steps() {
		for _, err := range step.Records(t.Context(), &collectors.Meter{}) {
			require.NoError(t, err)
			break
		}
	}
}
