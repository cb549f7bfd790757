package sqlite

import (
	"context"
	"iter"
	"slices"

	"assetgraph/graph"
)

// linkPage is how many links are read at once: with the properties of their origins, a megabyte.
const linkPage = 1024

// Links implements graph.Reader.
func (s *Store) Links(ctx context.Context, selection graph.LinkSelection) iter.Seq2[graph.Link, error] {
	return func(yield func(graph.Link, error) bool) {
		var d decoder
		origin, names := &graph.Element{}, chosenOf(selection.Properties)
		for l, err := range s.linkRows(ctx, selection) {
			if err == nil {
				err = ctx.Err()
			}
			link := graph.Link{Type: l.t}
			if err == nil {
				link.From, link.To = l.key.Ends()
				if selection.Properties != nil {
					link.Origin = origin
					from := row{instance: link.From.Scope().Instance, key: link.From, properties: l.properties}
					err = from.read(&d, origin, s.schema.Type(l.t.From), names)
				}
			}
			if err != nil {
				yield(graph.Link{}, s.failed("read links", err))
				return
			}
			if !yield(link, nil) {
				return
			}
		}
	}
}

// linkRow is a relationship with the properties of the entity that it leads from.
type linkRow struct {
	t          *graph.Type
	key        graph.Key
	properties string
}

func (s *Store) linkRows(ctx context.Context, selection graph.LinkSelection) iter.Seq2[linkRow, error] {
	if selection.Around != nil {
		return s.linksAround(ctx, selection)
	}
	return s.allLinks(ctx, selection)
}

func linkColumns(selection graph.LinkSelection) (columns, join string) {
	if selection.Properties == nil {
		return "r.key, ''", ""
	}
	return "r.key, f.properties", " JOIN graph_entity f ON f.id = r.from_id"
}

func linkRowOf(t *graph.Type, columns []any) linkRow {
	return linkRow{t, graph.Key(textOf(columns[0])), textOf(columns[1])}
}

// allLinks follows the index through each scope, page by page.
func (s *Store) allLinks(ctx context.Context, selection graph.LinkSelection) iter.Seq2[linkRow, error] {
	columns, join := linkColumns(selection)
	text := "SELECT " + columns + " FROM graph_relationship r" + join +
		" WHERE r.scope = ?1 AND r.key > ?2 ORDER BY r.key LIMIT ?3"
	return func(yield func(linkRow, error) bool) {
		for _, t := range selection.Types {
			var list []scopeRow
			err := s.pool.read(ctx, func(c *conn) (err error) { list, err = scopes(ctx, c, t, ""); return err })
			for i, last := 0, graph.Key(""); err == nil && i < len(list); {
				page := make([]linkRow, 0, linkPage)
				err = s.pool.read(ctx, func(c *conn) error {
					return c.query(ctx, func(columns []any) error {
						page = append(page, linkRowOf(t, columns))
						return nil
					}, text, list[i].id, string(last), int64(linkPage))
				})
				for _, l := range page {
					if l.key == last {
						continue // it is there several times
					}
					if last = l.key; !yield(l, nil) {
						return
					}
				}
				if len(page) < linkPage {
					i, last = i+1, ""
				}
			}
			if err != nil {
				yield(linkRow{}, err)
				return
			}
		}
	}
}

// linksAround goes from each entity along the indexes on both ends, and holds the links of all.
func (s *Store) linksAround(ctx context.Context, selection graph.LinkSelection) iter.Seq2[linkRow, error] {
	columns, join := linkColumns(selection)
	text := "SELECT " + columns + ", r.scope FROM graph_entity e JOIN graph_relationship r ON r.from_id = e.id" + join +
		" WHERE e.key = ?1 UNION ALL SELECT " + columns +
		", r.scope FROM graph_entity e JOIN graph_relationship r ON r.to_id = e.id" + join + " WHERE e.key = ?1"
	return func(yield func(linkRow, error) bool) {
		var found []linkRow
		seen := map[graph.Key]bool{}
		err := s.pool.read(ctx, func(c *conn) error {
			types := map[int64]*graph.Type{}
			for _, t := range selection.Types {
				list, err := scopes(ctx, c, t, "")
				if err != nil {
					return err
				}
				for _, scope := range list {
					types[scope.id] = t
				}
			}
			for _, key := range slices.Compact(slices.Sorted(slices.Values(selection.Around))) {
				err := c.query(ctx, func(columns []any) error {
					t := types[integerOf(columns[2])]
					if l := linkRowOf(t, columns); t != nil && !seen[l.key] {
						seen[l.key] = true
						found = append(found, l)
					}
					return nil
				}, text, string(key))
				if err != nil {
					return err
				}
			}
			return nil
		})
		for _, l := range found {
			if !yield(l, nil) {
				return
			}
		}
		if err != nil {
			yield(linkRow{}, err)
		}
	}
}
