package neo4j

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/graph"
)

func TestRelationshipsAreReadAlikeFromEitherSide(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	group, agents, has := f.agents(t, 60)
	apply(t, s, graph.Create, group)
	apply(t, s, graph.Create, agents...)
	apply(t, s, graph.Create, has...)
	read := func(size typeSize, keyed bool, wantStart *graph.Type, wantPattern string) {
		t.Helper()
		q := relationshipQuery{typ: f.has, instance: "s1", columns: header(f.has), keyed: keyed}
		text, start := q.text(size)
		require.Equal(t, wantStart.Name, start)
		require.Contains(t, text, wantPattern)
		ranges, err := s.ranges(t.Context(), start, "")
		require.NoError(t, err)
		found := b.run(t, text, map[string]any{
			"ranges": rangeParameter(ranges), "type": f.has.Name, "instance": "s1", "step": 7, "verb": "|HAS|",
		})
		var rows []any
		for _, record := range found {
			rows = append(rows, record[0].([]any)...)
		}
		sortRows(rows)
		require.Len(t, rows, len(has))
		for i, row := range rows {
			require.Equal(t, has[i].Header(), headerOf(row))
		}
	}
	read(typeSize{from: 1, to: 60}, false, f.group, "(n)-[x:`HAS`]->(m:Entity)")
	read(typeSize{from: 60, to: 1}, false, f.agent, "(n)<-[x:`HAS`]-(m:Entity)")
	read(typeSize{from: 1, to: 60}, true, f.group, "(n)-[x:`HAS`]->()")
	read(typeSize{from: 60, to: 1}, true, f.agent, "(n)<-[x:`HAS`]-()")
}

func TestLinkThatSomebodyCopiedElsewhereIsTheOneThatItsKeyNames(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	group, agents, has := f.agents(t, 3)
	apply(t, s, graph.Create, group)
	apply(t, s, graph.Create, agents...)
	apply(t, s, graph.Create, has...)
	for range 5 {
		b.run(t, "MATCH (:Entity {_key: $from})-[x:HAS]->(), (a:Entity {_key: $other}), (b:Entity {_key: $another}) "+
			"WITH a, b, x LIMIT 1 CREATE (a)-[y:HAS]->(b) SET y = properties(x)",
			map[string]any{"from": string(group.Key), "other": string(agents[1].Key), "another": string(agents[2].Key)})
	}
	for _, properties := range [][]string{nil, {"name"}} {
		var found []graph.Key
		for l, err := range s.Links(t.Context(), graph.LinkSelection{Types: []*graph.Type{f.has}, Properties: properties}) {
			require.NoError(t, err)
			require.Equal(t, group.Key, l.From)
			if properties != nil {
				require.Equal(t, group.Get("name").Text(), l.Origin.Get("name").Text())
			}
			found = append(found, l.To)
		}
		require.Equal(t, []graph.Key{agents[0].Key, agents[1].Key, agents[2].Key}, found)
	}
}

func TestRelationshipsAreReadWhileOthersDeleteThem(t *testing.T) {
	b, f := newBench(t), newFleet(t)
	s := b.open(t, f.schema)
	const n, part = 4_000, 25
	group, agents, has := f.agents(t, n)
	apply(t, s, graph.Create, group)
	apply(t, s, graph.Create, agents...)
	apply(t, s, graph.Create, has...)
	read := func() error {
		links := graph.LinkSelection{Types: []*graph.Type{f.has}, Properties: []string{"name"}}
		for l, err := range s.Links(t.Context(), links) {
			if err != nil || l.From != group.Key || l.Origin.Key != group.Key {
				return fmt.Errorf("link %v: %w", l, err)
			}
		}
		for h, err := range s.Headers(t.Context(), f.has, "s1") {
			if err != nil || h.Key == "" {
				return fmt.Errorf("header %v: %w", h, err)
			}
		}
		for e, err := range s.Elements(t.Context(), graph.Selection{Type: f.has}) {
			if err != nil || e.Key == "" {
				return fmt.Errorf("element %v: %w", e, err)
			}
		}
		return nil
	}
	failed := make(chan error, 1)
	deleted := make(chan struct{})
	go func() {
		for {
			if err := read(); err != nil {
				failed <- err
				return
			}
			select {
			case <-deleted:
				close(failed)
				return
			default:
			}
		}
	}()
	for range n / part {
		b.run(t, "MATCH ()-[x:HAS]->() WITH x LIMIT $part DELETE x", map[string]any{"part": part})
	}
	close(deleted)
	require.NoError(t, <-failed)
	require.Empty(t, b.run(t, "MATCH ()-[x:HAS]->() RETURN x", nil))
}

func TestElementsThatWereReplacedWhileTheyWereReadAreLeftOut(t *testing.T) {
	row := func(key string) any { return []any{key} }
	known := []named{{key: "a"}, {key: "c"}, {key: "e"}}
	require.Equal(t, []any{row("a"), row("e")}, among([]any{row("a"), row("b"), row("d"), row("e"), row("f")}, known))
	require.Empty(t, among(nil, known))
	require.Empty(t, among([]any{row("a")}, nil))
}
