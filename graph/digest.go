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

// ParseDigest reads what String wrote. Anything else gives an error and the zero Digest, which makes the
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

func (e *Element) digest(volatile bool) Digest {
	b := e.scratch[:0]
	for _, i := range e.Type.canonical {
		p, v := &e.Type.Properties[i], &e.values[i]
		if v.kind == Absent || p.Volatile != volatile {
			continue
		}
		b = appendText(b, p.Name)
		b = appendValue(b, v)
	}
	e.scratch = b
	sum := sha256.Sum256(b)
	return Digest(sum[:16])
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendValue(b []byte, v *Value) []byte {
	b = append(b, byte(v.kind))
	switch v.kind {
	case Text:
		return appendText(b, v.text)
	case Texts:
		b = binary.AppendUvarint(b, uint64(len(v.list)))
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
