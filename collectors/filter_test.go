package collectors_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
)

func chosen(names ...string) collectors.Choice { return collectors.Choice{Names: names} }

func TestFiltersCompared(t *testing.T) {
	type filter = collectors.Filter
	for name, tt := range map[string]struct {
		one, other     filter
		covers, common bool
		both           filter
	}{
		"none and none":         {nil, nil, true, true, filter{}},
		"none and some":         {nil, filter{"sites": chosen("a")}, true, true, filter{}},
		"some and none":         {filter{"sites": chosen("a")}, nil, false, true, filter{}},
		"the same":              {filter{"sites": chosen("a", "b")}, filter{"sites": chosen("b", "a")}, true, true, filter{"sites": chosen("a", "b")}},
		"more":                  {filter{"sites": chosen("a", "b")}, filter{"sites": chosen("a")}, true, true, filter{"sites": chosen("a", "b")}},
		"less":                  {filter{"sites": chosen("a")}, filter{"sites": chosen("b", "a")}, false, true, filter{"sites": chosen("a", "b")}},
		"others":                {filter{"sites": chosen("a")}, filter{"sites": chosen("b")}, false, false, filter{"sites": chosen("a", "b")}},
		"another list":          {filter{"sites": chosen("a")}, filter{"accounts": chosen("a")}, false, false, filter{}},
		"one list more":         {filter{"accounts": chosen("x"), "sites": chosen("a")}, filter{"accounts": chosen("x")}, false, true, filter{"accounts": chosen("x")}},
		"one list less":         {filter{"accounts": chosen("x")}, filter{"accounts": chosen("x"), "sites": chosen("a")}, true, true, filter{"accounts": chosen("x")}},
		"others of one account": {filter{"accounts": chosen("x"), "sites": chosen("a")}, filter{"accounts": chosen("x"), "sites": chosen("b")}, false, false, filter{"accounts": chosen("x"), "sites": chosen("a", "b")}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.covers, tt.one.Covers(tt.other))
			require.Equal(t, tt.common, tt.one.Overlaps(tt.other))
			require.Equal(t, tt.common, tt.other.Overlaps(tt.one))
			require.Equal(t, tt.both, tt.one.With(tt.other))
			require.True(t, tt.one.With(tt.other).Covers(tt.one))
			require.True(t, tt.one.With(tt.other).Covers(tt.other))
		})
	}
}

func TestNamesAndIDsChooseCustomers(t *testing.T) {
	list := []collectors.Customer{
		{ID: "1", Name: "Acme"}, {ID: "2", Name: " Twice "}, {ID: "3", Name: "Twice"}, {ID: "4", Name: "1"}, {ID: "5", Name: "Comma, Inc."},
		{ID: "6", Name: "Acme Ltd"}, {ID: "6", Name: "Acme Ltd"}, {ID: "7", Name: "7"},
	}
	for name, tt := range map[string]struct {
		names []string
		ids   []string
		err   string
	}{
		"by name and id":                 {[]string{"Acme", "3", "Comma, Inc."}, []string{"1", "3", "5"}, ""},
		"a record that came twice":       {[]string{"Acme Ltd"}, []string{"6"}, ""},
		"an id that is the name as well": {[]string{"7"}, []string{"7"}, ""},
		"nothing of the kind":            {[]string{"Acm", "4"}, []string{"4"}, `ACME_SITES: there is no site "Acm"`},
		"other capitals":                 {[]string{"acme"}, nil, `ACME_SITES: there is no site "acme"; did you mean "Acme"?`},
		"a comma without quotes":         {[]string{"Comma", "Inc."}, nil, `ACME_SITES: there is no site "Comma"; did you mean "Comma, Inc."?; there is no site "Inc."`},
		"a name of two":                  {[]string{"Twice", "Acme"}, []string{"1"}, `ACME_SITES: "Twice" fits 2 of them; write an id (2, 3)`},
		"an id that is another's name":   {[]string{"1"}, nil, `ACME_SITES: "1" fits 2 of them; write an id (1, 4)`},
		"many":                           {[]string{"a", "b", "c", "d", "e", "f", "g"}, nil, `ACME_SITES: there is no site "a"; there is no site "b"; there is no site "c"; there is no site "d"; there is no site "e"; and 2 more`},
	} {
		t.Run(name, func(t *testing.T) {
			ids, err := collectors.Choice{Setting: "ACME_SITES", Names: tt.names}.Among("site", list)
			want := make(map[string]bool)
			for _, id := range tt.ids {
				want[id] = true
			}
			require.Equal(t, want, ids)
			if tt.err == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.err)
			_, incomplete := errors.AsType[*collectors.IncompleteError](err)
			require.True(t, incomplete)
		})
	}
}

func TestNarrowingKeepsWhatNobodyCouldRead(t *testing.T) {
	broken := &collectors.RecordError{Kind: "agent", ID: "3", Err: errors.New("broken")}
	cut := errors.New("cut")
	records := func(end error) iter.Seq2[collectors.Record, error] {
		return func(yield func(collectors.Record, error) bool) {
			for _, r := range []collectors.Record{{ID: "1"}, {ID: "2"}, {ID: "3", Err: broken}, {ID: "2"}} {
				if !yield(r, nil) {
					return
				}
			}
			if end != nil {
				yield(collectors.Record{}, end)
			}
		}
	}
	missing := errors.New("missing")
	for _, tt := range []struct{ end, missing, want error }{{nil, nil, nil}, {nil, missing, missing}, {cut, missing, cut}} {
		n := collectors.Narrowing{
			Wanted: func(r collectors.Record) bool { return r.ID == "1" }, Missing: tt.missing, Asked: true,
		}
		var m collectors.Meter
		var ids []string
		var err error
		for r, e := range n.Records(&m, records(tt.end)) {
			if err = e; err == nil {
				ids = append(ids, r.ID)
			}
		}
		require.Equal(t, []string{"1", "3"}, ids)
		require.Equal(t, tt.want, err)
		require.Equal(t, []string{"2 records of customers that were not asked for came all the same and were left out: the provider ignores the filter"}, m.Warnings())
	}
}

func TestOnceIsWorkedOutAgainAfterAnEnd(t *testing.T) {
	var once collectors.Once[int]
	calls := 0
	find := func(ctx context.Context) (int, error) {
		calls++
		return calls, ctx.Err()
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := once.Get(ended, find)
	require.ErrorIs(t, err, context.Canceled)
	for range 2 {
		n, err := once.Get(t.Context(), find)
		require.NoError(t, err)
		require.Equal(t, 2, n)
	}
}
