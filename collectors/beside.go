package collectors

import (
	"iter"
	"strconv"

	"assetgraph/collectors/internal/byid"
)

// Beside gathers what a list says of the records of another one, to which it is joined: one T for each of these, by
// their id. The zero Beside is ready. It is filled by one step and read by another, which comes after that; a million
// of T are in memory, so that T had better be small and without pointers, its texts as numbers (Words).
type Beside[T any] struct {
	rows   byid.Map[T]
	broken map[int64]struct{} // records of which a row could not be read
	whole  bool               // the list was read to its end, and whose each row is was known
}

// Records passes a walk on, and folds each of its rows, whose ID is that of the record it is joined to, into the T of
// that record.
func (b *Beside[T]) Records(rows iter.Seq2[Record, error], fold func(row Record, into *T)) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		*b = Beside[T]{broken: make(map[int64]struct{})}
		lost := false
		for r, err := range rows {
			if err != nil {
				yield(r, err)
				return
			}
			id, bad := strconv.ParseInt(r.ID, 10, 64)
			switch {
			case bad != nil:
				lost = true
			case r.Err != nil:
				b.broken[id] = struct{}{}
			default:
				fold(r, b.rows.At(id))
			}
			if !yield(r, nil) {
				return
			}
		}
		b.whole = !lost
	}
}

// Of returns what the list says of a record, given when it says anything. known is false when that can't be told: the
// list was not read to its end, or a row of it could not be read that is the record's or may be.
func (b *Beside[T]) Of(id int64) (row T, given, known bool) {
	if _, broken := b.broken[id]; broken || !b.whole {
		return row, false, false
	}
	row, given = b.rows.Of(id)
	return row, given, true
}

// Drop frees the memory.
func (b *Beside[T]) Drop() { *b = Beside[T]{} }
