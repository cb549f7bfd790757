package storetest

import (
	"context"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func queryTests() []test {
	return []test{
		{"columns come in the order of the query", queryColumns},
		{"no rows still have columns", queryNoRows},
		{"what was written is found", queryData},
		{"a text that would write is refused and changes nothing", queryWrites},
		{"a text that does not parse is an error", queryInvalid},
		{"a reader may stop early", queryStops},
		{"a cancelled context ends a query", queryCancelled},
		{"a query that is under way ends with its context", queryEnds},
		{"a store that was opened for reading answers queries", queryReadOnly},
	}
}

func queryColumns(e *env) {
	columns, rows := e.rows(e.open(), e.suite.Queries.Values)
	require.Equal(e, []string{"b", "a", "n", "t"}, columns)
	require.Len(e, rows, 1)
	require.Equal(e, []any{int64(2), "one", nil}, rows[0][:3])
	require.Contains(e, []any{true, int64(1)}, rows[0][3])
}

func queryNoRows(e *env) {
	columns, rows := e.rows(e.open(), e.suite.Queries.NoRows)
	require.Equal(e, []string{"x"}, columns)
	require.Empty(e, rows)
}

func queryData(e *env) {
	store := e.open()
	e.link(store)
	columns, rows := e.rows(store, e.suite.Queries.Names)
	require.Equal(e, []string{"name"}, columns)
	require.Equal(e, [][]any{{"host 0"}, {"host 1"}}, rows)
}

// ask runs a query to its end and returns the first error.
func ask(ctx context.Context, store graph.Querier, text string) error {
	answer, err := store.Query(ctx, text)
	if err != nil {
		return err
	}
	for _, err := range answer.Rows {
		if err != nil {
			return err
		}
	}
	return nil
}

func queryWrites(e *env) {
	store := e.open()
	e.link(store)
	before := e.dump(store)
	require.NotEmpty(e, e.suite.Queries.Writes)
	for _, text := range e.suite.Queries.Writes {
		require.Error(e, ask(e.Context(), store, text), text)
		require.Equal(e, before, e.dump(store), text)
	}
	e.create(store, e.devices("fleet", 3)...)
	_, rows := e.rows(store, e.suite.Queries.Names)
	require.Len(e, rows, 3, "the store still writes and reads")
}

func queryInvalid(e *env) {
	store := e.open()
	for _, text := range []string{e.suite.Queries.Invalid, "", "  \n "} {
		err := ask(e.Context(), store, text)
		require.Error(e, err, "%q", text)
		require.NotEmpty(e, strings.TrimSpace(err.Error()))
	}
	e.link(store)
}

func queryStops(e *env) {
	store := e.open()
	e.create(store, e.devices("fleet", 100)...)
	for range 20 {
		answer, err := store.Query(e.Context(), e.suite.Queries.Names)
		require.NoError(e, err)
		for _, err := range answer.Rows {
			require.NoError(e, err)
			break
		}
	}
	e.apply(store, graph.Delete, at(2), e.devices("fleet", 100)...)
}

func queryCancelled(e *env) {
	store := e.open()
	e.link(store)
	require.ErrorIs(e, ask(cancelled(e), store, e.suite.Queries.Names), context.Canceled)
}

func queryEnds(e *env) {
	store := e.open()
	ctx, cancel := context.WithTimeout(e.Context(), 300*time.Millisecond)
	defer cancel()
	require.ErrorIs(e, ask(ctx, store, e.suite.Queries.Endless), context.DeadlineExceeded)
	e.link(store)
	_, rows := e.rows(store, e.suite.Queries.Names)
	require.Len(e, rows, 2, "and nothing of it is left")
}

func queryReadOnly(e *env) {
	e.link(e.open())
	store := e.openAs(e.schema, true)
	_, rows := e.rows(store, e.suite.Queries.Names)
	require.Len(e, rows, 2)
	for _, text := range e.suite.Queries.Writes {
		require.Error(e, ask(e.Context(), store, text), text)
	}
}
