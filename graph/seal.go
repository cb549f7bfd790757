package graph

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// A Sum stands for a set of headers, in whatever order they were added: the sum, modulo 2^128, of the first halves of
// SHA-256 over key and digests of each. It notices chance, not malice.
type Sum struct{ high, low uint64 }

// Add puts a header into the set.
func (s *Sum) Add(h Header) { *s = s.Plus(hashed(h)) }

// Plus returns the sum of both sets.
func (s Sum) Plus(other Sum) Sum {
	low, carry := bits.Add64(s.low, other.low, 0)
	high, _ := bits.Add64(s.high, other.high, carry)
	return Sum{high, low}
}

// Minus returns the sum of the set without another that is part of it.
func (s Sum) Minus(other Sum) Sum {
	low, borrow := bits.Sub64(s.low, other.low, 0)
	high, _ := bits.Sub64(s.high, other.high, borrow)
	return Sum{high, low}
}

func hashed(h Header) Sum {
	var room [160]byte
	b := append(append(append(room[:0], h.Digest[:]...), h.Volatile[:]...), h.Key...)
	sum := sha256.Sum256(b)
	return Sum{binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])}
}

// String returns the sum as 32 hexadecimal digits, as stores keep it.
func (s Sum) String() string { return fmt.Sprintf("%016x%016x", s.high, s.low) }

// ParseSum reads what [Sum.String] wrote.
func ParseSum(text string) (Sum, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 16 {
		return Sum{}, fmt.Errorf("graph: %q is no sum of a scope", text)
	}
	return Sum{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}, nil
}

// A Seal says what the graph holds of a scope, as of the last time that the program wrote to it.
type Seal struct {
	Sum   Sum // of the headers of all its elements
	Count int // of its elements
}

// A ScopeSeal is the seal of one scope.
type ScopeSeal struct {
	Scope
	Seal
}
