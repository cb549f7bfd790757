package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// A Digest tells whether two sets of property values are equal: the first half of SHA-256 over a canonical
// encoding (properties sorted by name, absent ones left out). The zero Digest stands for "not known" and is
// equal to no computed one.
type Digest [16]byte

// String returns the digest as 32 hexadecimal digits, as stores keep it.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest reads what [Digest.String] wrote. Anything else gives an error and the zero Digest, which makes the
// differ write the element again.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if len(s) != hex.EncodedLen(len(d)) {
		return d, fmt.Errorf("graph: digest of %d characters", len(s))
	}
	if _, err := hex.Decode(d[:], []byte(s)); err != nil {
		return Digest{}, fmt.Errorf("graph: digest: %w", err)
	}
	return d, nil
}

// digest returns the digest of the properties at the given indexes. It writes what is digested behind b, and returns
// that for the next time.
func (e *Element) digest(b []byte, indexes []int) (Digest, []byte) {
	from := len(b)
	for _, i := range indexes {
		if v := &e.values[i]; v.kind != Absent {
			b = append(b, e.Type.labels[i]...)
			b = appendContent(b, v)
		}
	}
	if len(b) == from {
		return digestOfNothing(), b
	}
	sum := sha256.Sum256(b[from:])
	return Digest(sum[:16]), b
}

// digestOfNothing returns the first half of SHA-256 over no byte: what relationships have, mostly.
func digestOfNothing() Digest {
	return Digest{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24}
}

func appendText(b []byte, s string) []byte {
	b = appendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// appendUvarint is binary.AppendUvarint with the numbers of one byte, which most are, in line.
func appendUvarint(b []byte, n uint64) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	return binary.AppendUvarint(b, n)
}

// appendContent appends a value without its kind.
func appendContent(b []byte, v *Value) []byte {
	switch v.kind {
	case Text:
		return appendText(b, v.text)
	case Texts:
		b = appendUvarint(b, uint64(len(v.list)))
		for _, s := range v.list {
			b = appendText(b, s)
		}
		return b
	case Int, Bool, Time:
		return binary.AppendVarint(b, v.num)
	case Absent:
	}
	return b
}
