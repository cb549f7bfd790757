package differ

import (
	"encoding/binary"
	"slices"
	"strings"

	"assetgraph/graph"
)

// An headerIndex lists the elements of a spooled scope in key order, each key once. It holds the headerIndex file's
// bytes, of which all keys are parts, and where in them each entry begins.
type headerIndex struct {
	raw string
	at  []int
}

// An entry is one element of a spooled scope.
type entry struct {
	graph.Header
	offset int64 // of the element in the data file, behind its length
	length int
}

// An entry of the index file is the length of the key in two bytes, the key, both digests, the length of the clock in one
// byte, the clock, and offset and length of the element as varints.
const (
	keyLengthSize = 2
	digestSize    = len(graph.Digest{})
)

// appendEntry appends the entry of an element that lies at offset.
func appendEntry(b []byte, e *graph.Element, offset int64, length int) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(len(e.Key))) // graph.MaxKeyID bounds it
	b = append(b, e.Key...)
	b = append(b, e.Digest[:]...)
	b = append(b, e.Volatile[:]...)
	clock := len(b)
	b = e.AppendClock(append(b, 0))
	b[clock] = byte(len(b) - clock - 1) // a few times of eight bytes
	b = binary.AppendUvarint(b, uint64(offset))
	return binary.AppendUvarint(b, uint64(length))
}

// parseIndex reads an index file of count entries. Where the provider gave one key several times with different
// content, the greatest digests stand, whatever order they came in; conflicts says how many keys that were.
func parseIndex(raw string, count int) (_ *headerIndex, conflicts int, _ error) {
	x := &headerIndex{raw: raw, at: make([]int, 0, count)}
	for next := 0; next < len(raw); {
		x.at = append(x.at, next)
		if next = x.skip(next); next < 0 {
			return nil, 0, errCorruptSpool
		}
	}
	if !slices.IsSortedFunc(x.at, x.compare) {
		slices.SortFunc(x.at, x.compare)
	}
	return x, x.distinct(), nil
}

// skip returns where the entry after the one at p begins, -1 when that one is damaged.
func (x *headerIndex) skip(p int) int {
	if len(x.raw)-p < keyLengthSize {
		return -1
	}
	p += keyLengthSize + x.keyLength(p) + 2*digestSize
	if p >= len(x.raw) {
		return -1
	}
	p += 1 + int(x.raw[p])
	for range 2 {
		if p >= len(x.raw) {
			return -1
		}
		_, n := uvarint(x.raw[p:])
		if n == 0 {
			return -1
		}
		p += n
	}
	return p
}

func (x *headerIndex) keyLength(p int) int { return int(x.raw[p]) | int(x.raw[p+1])<<8 }

// compare orders the entries at two places by key, then by digests.
func (x *headerIndex) compare(p, q int) int {
	if c := strings.Compare(x.keyAt(p), x.keyAt(q)); c != 0 {
		return c
	}
	return strings.Compare(x.digestsAt(p), x.digestsAt(q))
}

func (x *headerIndex) keyAt(p int) string {
	p, n := p+keyLengthSize, x.keyLength(p)
	return x.raw[p : p+n]
}

func (x *headerIndex) digestsAt(p int) string {
	p += keyLengthSize + x.keyLength(p)
	return x.raw[p : p+2*digestSize]
}

// distinct keeps the last of each run of equal keys.
func (x *headerIndex) distinct() (conflicts int) {
	out, differs := x.at[:0], false
	for i, p := range x.at {
		if i+1 < len(x.at) && x.keyAt(x.at[i+1]) == x.keyAt(p) {
			differs = differs || x.digestsAt(x.at[i+1]) != x.digestsAt(p)
			continue
		}
		if differs {
			conflicts++
		}
		out, differs = append(out, p), false
	}
	x.at = out
	return conflicts
}

func (x *headerIndex) len() int { return len(x.at) }

func (x *headerIndex) key(i int) graph.Key { return graph.Key(x.keyAt(x.at[i])) }

func (x *headerIndex) entry(i int) entry {
	p := x.at[i]
	e := entry{Header: graph.Header{Key: graph.Key(x.keyAt(p))}}
	digests := x.digestsAt(p)
	copy(e.Digest[:], digests)
	copy(e.Volatile[:], digests[digestSize:])
	p += keyLengthSize + len(e.Key) + 2*digestSize
	clock := p + 1
	p = clock + int(x.raw[p])
	e.Clock = graph.Clock(x.raw[clock:p])
	offset, n := uvarint(x.raw[p:])
	length, _ := uvarint(x.raw[p+n:])
	e.offset, e.length = int64(offset), int(length)
	return e
}

// uvarint is binary.Uvarint for a string; size is 0 for what is none.
func uvarint(s string) (n uint64, size int) {
	for shift := 0; size < len(s) && shift < 64; shift += 7 {
		c := s[size]
		size++
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n, size
		}
	}
	return 0, 0
}
