package ninjarmm

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"strconv"

	"assetgraph/collectors"
	"assetgraph/collectors/internal/byid"
	"assetgraph/collectors/internal/rawjson"
	"assetgraph/collectors/internal/rest"
)

// A list is one of the provider's lists of T.
type list[T any] struct {
	route  string
	query  url.Values // beside those of paging
	kind   string
	id     func(*T) string
	member string   // that holds the id; "" = id
	each   func(*T) // completes a record; nil = nothing to do

	rows int        // asked for in one page; 0 for a list that is not paged
	size *rest.Size // fewer, while the server can't answer that many

	ask func(rows int) url.Values // makes the query in place of the above, where rows are something else
}

// walk reads a list that is paged by pageSize and after (docs/providers/ninjarmm-api.md, "Paging"). Its end is an empty
// page: the server may cut pageSize down without a word, so a short page proves nothing. The order of a list is not
// promised; what is asked for next is what comes after the largest id so far, and a page that does not make it grow
// ends the walk as incomplete. Every record is yielded once.
func walk[T any](
	ctx context.Context, n *Collector, m *collectors.Meter, l list[T],
) iter.Seq2[collectors.Record, error] {
	k := keyset{route: apiPath + l.route}
	l.rows, l.size = n.pageSize(), new(rest.Size)
	return collectors.Walk(ctx, m, func(ctx context.Context, cursor string) (collectors.Page, error) {
		query := url.Values{}
		maps.Copy(query, l.query)
		if cursor != "" {
			query.Set("after", cursor)
		}
		records, err := fetch(ctx, n, l, query)
		if err != nil {
			return collectors.Page{}, err
		}
		return k.page(records)
	})
}

// all reads a list that is not paged.
func all[T any](ctx context.Context, n *Collector, m *collectors.Meter, l list[T]) iter.Seq2[collectors.Record, error] {
	return collectors.Walk(ctx, m, func(ctx context.Context, _ string) (collectors.Page, error) {
		records, err := fetch(ctx, n, l, l.query)
		return collectors.Page{Records: records, Total: -1}, err
	})
}

// fetch reads one answer.
func fetch[T any](
	ctx context.Context, n *Collector, l list[T], query url.Values,
) (records []collectors.Record, err error) {
	p := rest.Page{
		Route: l.route, Query: query, Rows: l.rows, Size: l.size, Ask: l.ask,
		Decode: func(body []byte, _ int) (err error) {
			if records, err = rawjson.Records(body, l.kind, cmp.Or(l.member, "id"), l.id); err != nil {
				return fmt.Errorf("%s: GET %s%s: %w", n.config.Instance, apiPath, l.route, err)
			}
			return nil
		},
	}
	if l.rows > 0 && l.ask == nil {
		p.Param = "pageSize"
	}
	if err := n.client.Page(ctx, p); err != nil {
		return nil, err
	}
	if l.each == nil {
		return records, nil
	}
	for _, r := range records {
		if v, ok := r.Value.(*T); ok { // not so for a record that could not be decoded
			l.each(v)
		}
	}
	return records, nil
}

// A keyset follows one walk by the largest id.
type keyset struct {
	route   string
	seen    byid.Map[struct{}]
	largest int64
	stray   int64 // an id that came after its turn and was not known; 0 for none
}

// page makes the next page of what was answered, without the records that came before.
func (k *keyset) page(records []collectors.Record) (collectors.Page, error) {
	p := collectors.Page{Total: -1}
	if len(records) == 0 {
		if k.stray != 0 {
			return p, &collectors.IncompleteError{
				Reason: fmt.Sprintf("GET %s: id %d came after larger ones had been asked for: the list is not in order of id, so records may be missing", k.route, k.stray),
			}
		}
		return p, nil
	}
	before := k.largest
	for _, r := range records {
		if k.first(r, before) {
			p.Records = append(p.Records, r)
		}
	}
	if k.largest <= before {
		return p, &collectors.IncompleteError{
			Reason: fmt.Sprintf("GET %s: the page after id %d holds no larger id: the server does not page this list",
				k.route, before),
		}
	}
	p.Next, p.More = strconv.FormatInt(k.largest, 10), true
	return p, nil
}

// first notes the id of a record and reports whether the walk sees it for the first time.
func (k *keyset) first(r collectors.Record, before int64) bool {
	id, err := strconv.ParseInt(r.ID, 10, 64)
	if err != nil {
		return true // a broken record without a usable id
	}
	k.largest = max(k.largest, id)
	if _, twice := k.seen.Of(id); twice {
		return false
	}
	k.seen.At(id)
	if id <= before {
		k.stray = id
	}
	return true
}

// counter returns a Count that reads the list and counts.
func counter(
	records func(context.Context, *collectors.Meter) iter.Seq2[collectors.Record, error],
) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) { return count(records(ctx, &collectors.Meter{})) }
}

func count(records iter.Seq2[collectors.Record, error]) (int, error) {
	var total int
	for _, err := range records {
		if err != nil {
			return total, err
		}
		total++
	}
	return total, nil
}
