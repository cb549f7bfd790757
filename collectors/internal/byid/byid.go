// Package byid keeps something for each of a million ids, in little memory and near what lies beside it.
package byid

import "math/bits"

// A Map holds a T for each of some ids. What a provider numbers it numbers one after the other, and lists in that order
// or nearly: so ids that follow each other lie in one block, which has room for those that are there. Where T has no
// pointers the garbage collector need not look at any. The zero Map is ready.
type Map[T any] struct {
	blocks map[int64]*block[T] // by the ids' upper bits
}

// A block is of 64 ids that follow each other.
type block[T any] struct {
	has  uint64 // a bit for each id that is there, by its lower bits
	rows []T    // of those, in ascending order
}

const (
	lower     = 6
	lowerMask = 1<<lower - 1
)

// At returns where the T of an id is, which is made when the id has none. The pointer is valid until At is called for
// another id.
func (m *Map[T]) At(id int64) *T {
	if m.blocks == nil {
		m.blocks = make(map[int64]*block[T])
	}
	b := m.blocks[id>>lower]
	if b == nil {
		b = new(block[T])
		m.blocks[id>>lower] = b
	}
	at, has := b.find(id)
	if !has {
		b.has |= bit(id)
		var none T
		b.rows = append(b.rows, none)
		copy(b.rows[at+1:], b.rows[at:])
		b.rows[at] = none
	}
	return &b.rows[at]
}

// Of returns the T of an id, and whether it has one.
func (m *Map[T]) Of(id int64) (row T, has bool) {
	b := m.blocks[id>>lower]
	if b == nil {
		return row, false
	}
	at, has := b.find(id)
	if has {
		row = b.rows[at]
	}
	return row, has
}

// find returns where in rows an id is or would be.
func (b *block[T]) find(id int64) (at int, has bool) {
	return bits.OnesCount64(b.has & (bit(id) - 1)), b.has&bit(id) != 0
}

func bit(id int64) uint64 { return 1 << (id & lowerMask) }
