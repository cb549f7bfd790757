package differ

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"assetgraph/graph"
)

// Unchanged returns the plan that leaves the given scopes as the graph holds them: everything in it is unchanged. It
// reads their headers.
func Unchanged(ctx context.Context, r graph.Reader, scopes []Desired) (*Plan, error) {
	entities, relationships := apart(scopes)
	list, err := sideBySide(ctx, slices.Concat(entities, relationships),
		func(ctx context.Context, d Desired) (*ScopePlan, error) {
			sp := newScopePlan(d)
			for h, err := range r.Headers(ctx, d.Type, d.Instance) {
				if err != nil {
					return nil, err
				}
				sp.state.add(h)
				sp.Population++
			}
			sp.Read, sp.Counts.Unchanged = sp.Population, sp.Population
			return sp, nil
		})
	return &Plan{Scopes: list}, err
}

func newScopePlan(d Desired) *ScopePlan {
	return &ScopePlan{
		Scope: d.scope(), Type: d.Type, Complete: d.Complete, Changed: make(map[string]int),
		state: state{hash: sha256.New()},
	}
}

// A state is a digest of what the graph will hold of a scope, as far as it was read. Elements are added in key order.
type state struct {
	hash    hash.Hash
	count   int
	scratch []byte
}

func (s *state) add(h graph.Header) {
	b := binary.LittleEndian.AppendUint16(s.scratch[:0], uint16(len(h.Key)))
	b = append(b, h.Key...)
	b = append(b, h.Digest[:]...)
	b = append(b, h.Volatile[:]...)
	s.hash.Write(b)
	s.scratch = b
	s.count++
}

// Fingerprint returns a digest of what the graph will hold of the scopes when their plans are carried out; scopes that
// will be empty do not count, nor does the order. ok is false when it will hold something beside what was read or not
// all of that.
func Fingerprint(scopes []*ScopePlan) (digest string, ok bool) {
	sorted := slices.SortedFunc(slices.Values(scopes),
		func(a, b *ScopePlan) int { return strings.Compare(a.String(), b.String()) })
	sum := sha256.New()
	for _, sp := range sorted {
		if sp.Counts.Withheld > 0 || sp.Dangling > 0 || sp.Conflicts > 0 {
			return "", false
		}
		if sp.state.count > 0 {
			sum.Write(append([]byte(sp.String()), 0))
			sum.Write(sp.state.hash.Sum(nil))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), true
}
