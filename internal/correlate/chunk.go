package correlate

import "iter"

// chunked is a growing list that never moves what it holds: growing costs no copy and no second half of the memory. Of
// the records of 100,000 machines append allocates 101 MB to hold 21, and takes three to seven times as long; chunked
// allocates the 18 MB that it holds (BenchmarkTables).
type chunked[T any] struct {
	chunks [][]T
}

const chunkBits = 15

// place returns the index from which n neighbouring elements can be put with add.
func (c *chunked[T]) place(n int) uint32 {
	last := len(c.chunks) - 1
	if last < 0 || len(c.chunks[last])+n > 1<<chunkBits {
		c.chunks = append(c.chunks, make([]T, 0, 1<<chunkBits))
		last++
	}
	return uint32(last<<chunkBits + len(c.chunks[last]))
}

func (c *chunked[T]) add(v T) {
	last := len(c.chunks) - 1
	c.chunks[last] = append(c.chunks[last], v)
}

// push puts one element at the end and returns its index.
func (c *chunked[T]) push(v T) uint32 {
	i := c.place(1)
	c.add(v)
	return i
}

func (c *chunked[T]) at(i uint32) *T { return &c.chunks[i>>chunkBits][i&(1<<chunkBits-1)] }

// slice returns the n neighbours that begin at i.
func (c *chunked[T]) slice(i uint32, n int) []T {
	at := i & (1<<chunkBits - 1)
	return c.chunks[i>>chunkBits][at : int(at)+n]
}

// all iterates over the elements in order.
func (c *chunked[T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, chunk := range c.chunks {
			for i := range chunk {
				if !yield(&chunk[i]) {
					return
				}
			}
		}
	}
}

// size returns the number of elements of a list whose elements were added one by one.
func (c *chunked[T]) size() int {
	if len(c.chunks) == 0 {
		return 0
	}
	return (len(c.chunks)-1)<<chunkBits + len(c.chunks[len(c.chunks)-1])
}
