package graph

import (
	"context"
	"iter"
)

// A Searcher is a store that finds entities by what their texts hold without handing all of them over. It is an
// optional ability of a Store.
type Searcher interface {
	// Search yields, in any order, the key of each entity one of whose properties of texts holds one of the parts, or
	// does so as one of a list. Of a text its ASCII letters and digits alone count, in any case. There may be others
	// among them.
	Search(ctx context.Context, parts []Part) iter.Seq2[Key, error]
}

// A Part is what a text is searched for.
type Part struct {
	Text   string // ASCII letters, in lower case, and digits; not empty
	Begins bool   // the text begins with it
	Ends   bool   // the text ends with it
}
