package collectors

import (
	"context"
	"iter"
)

// A Page is one answer of a paged list.
type Page struct {
	Records []Record
	Next    string // what to ask for next; used only when More is set. Opaque: a cursor, an id, an offset
	More    bool   // false only at the provider's own end mark
	Total   int    // how many records the provider says the whole list has; -1 when it does not say
}

// MaxPages is how many pages a walk reads before it is taken for endless.
const MaxPages = 100_000

// Walk reads a paged list to its end: fetch is called with "" for the first page and with Page.Next of the page
// before for every other. It yields the records page by page, holding one page in memory.
//
// It ends with an *IncompleteError when a cursor comes again, when a page begins with the record that an earlier
// page began with, after MaxPages pages, or when fewer distinct records came than the Total of the first page
// that gave one. Records that were yielded twice by the provider are yielded twice; they count once.
func Walk(ctx context.Context, m *Meter, fetch func(ctx context.Context, cursor string) (Page, error)) iter.Seq2[Record, error] {
	panic("stub")
}
