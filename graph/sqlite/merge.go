package sqlite

import (
	"cmp"
	"context"
	"slices"

	"assetgraph/graph"
)

// cursor reads the rows of one scope by pages.
type cursor struct {
	store     *Store
	selection graph.Selection
	scope     scopeRow
	page      []row
	last      bool // no page follows
}

// fill reads the next page when the one in hand is used up. An empty page afterwards means that there are no more rows.
func (c *cursor) fill(ctx context.Context, after graph.Key) error {
	if len(c.page) > 0 || c.last {
		return nil
	}
	text := pageQuery(c.selection.Type, rowColumns(c.selection))
	return c.store.pool.read(ctx, func(cn *conn) error {
		var page []row
		err := cn.query(ctx, func(columns []any) error {
			r, err := rowOf(c.scope.instance, columns)
			page = append(page, r)
			return err
		}, text, pageArgs(c.selection.Type, c.scope, after, elementPage)...)
		c.page, c.last = page, len(page) < elementPage
		return err
	})
}

// merge reads several scopes of one type as one sequence in the order of keys. They are as few as there are instances.
type merge []*cursor

func (m merge) run(ctx context.Context, yield func(row, error) bool) {
	for _, c := range m {
		if err := c.fill(ctx, ""); err != nil {
			yield(row{}, err)
			return
		}
	}
	for {
		m = slices.DeleteFunc(m, func(c *cursor) bool { return len(c.page) == 0 })
		if len(m) == 0 {
			return
		}
		least := slices.MinFunc(m, func(a, b *cursor) int { return cmp.Compare(a.page[0].key, b.page[0].key) })
		r := least.page[0]
		least.page = least.page[1:]
		if !yield(r, nil) {
			return
		}
		if err := least.fill(ctx, r.key); err != nil {
			yield(row{}, err)
			return
		}
	}
}
