package differ

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"assetgraph/graph"
)

// Unchanged returns the plan that leaves the given scopes as the graph holds them: everything in it is unchanged. It
// reads the headers of those that are not sealed.
func Unchanged(
	ctx context.Context, r Reader, scopes []Desired, sealed func(graph.Scope) (graph.Seal, bool),
) (*Plan, error) {
	entities, relationships := apart(scopes)
	list, err := sideBySide(ctx, slices.Concat(entities, relationships),
		func(ctx context.Context, d Desired) (*ScopePlan, error) {
			sp := newScopePlan(d)
			if sealed != nil {
				if seal, ok := sealed(d.scope()); ok {
					sp.stand(seal)
					return sp, nil
				}
			}
			var seal graph.Seal
			for h, err := range r.Headers(ctx, d.Type, d.Instance) {
				if err != nil {
					return nil, err
				}
				seal.Sum.Add(h)
				seal.Count++
			}
			sp.stand(seal)
			return sp, nil
		})
	return &Plan{Scopes: list}, err
}

func newScopePlan(d Desired) *ScopePlan {
	return &ScopePlan{Scope: d.scope(), Type: d.Type, Complete: d.Complete, Changed: make(map[string]int)}
}

// stand makes it the plan that leaves what the graph holds.
func (s *ScopePlan) stand(seal graph.Seal) {
	s.will, s.stands = seal, true
	s.Population, s.Read, s.Counts.Unchanged = seal.Count, seal.Count, seal.Count
}

// Stands reports whether the graph is known to hold just what was read of the scope.
func (s *ScopePlan) Stands() bool { return s.stands }

// Seal returns what the graph will hold of the scope when the plan has been carried out and the store did all of it.
func (s *ScopePlan) Seal() graph.Seal {
	seal := s.will
	for _, d := range s.deletes {
		if d.withheld != "" {
			seal.Sum.Add(d.header)
			seal.Count++
		}
	}
	return seal
}

// Fingerprint returns a digest of what the graph will hold of the scopes when their plans are carried out; scopes that
// will be empty do not count, nor does the order. ok is false when that depends on more than what the scopes say: an end
// that is missing, a key that was given twice.
func Fingerprint(scopes []*ScopePlan) (digest string, ok bool) {
	sorted := slices.SortedFunc(slices.Values(scopes),
		func(a, b *ScopePlan) int { return strings.Compare(a.String(), b.String()) })
	sum := sha256.New()
	for _, sp := range sorted {
		if sp.Dangling > 0 || sp.Conflicts > 0 {
			return "", false
		}
		if seal := sp.Seal(); seal.Count > 0 {
			sum.Write(append([]byte(sp.String()), 0))
			sum.Write([]byte(seal.Sum.String()))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), true
}
