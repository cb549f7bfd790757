package differ

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"assetgraph/graph"
)

// A Guard says how many deletes of one scope may go through without a person's approval.
type Guard struct {
	MaxPercent int      // of the scope's population, for scopes of 10 or more; used when MaxCount is negative
	MaxCount   int      // a plain number of deletes; negative when MaxPercent counts
	Approve    []string // approval ids that people gave back
	ToZero     bool     // a scope that reads as empty may be emptied: for what follows from scopes that were guarded
}

// Scopes smaller than this are not held to a percentage: one of nine is more than a tenth.
const smallScope = 10

// ParseMaxDeletes reads "10%" or "25" as --max-deletes takes it.
func ParseMaxDeletes(s string) (Guard, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || percent && n > 100 {
		return Guard{}, fmt.Errorf("%q is neither a number of deletes (25) nor a percentage (10%%)", s)
	}
	if percent {
		return Guard{MaxPercent: n, MaxCount: -1}, nil
	}
	return Guard{MaxCount: n}, nil
}

// objection returns why n deletes of a scope need approval, "" when they need none. population is how many elements the
// graph holds of the scope, read how many were read.
func (g Guard) objection(population, read, n int) string {
	switch {
	case n == 0:
		return ""
	case read == 0 && !g.ToZero:
		return "the scope reads as empty now"
	case g.MaxCount >= 0 && n > g.MaxCount:
		return fmt.Sprintf("more than %d deletes", g.MaxCount)
	case g.MaxCount < 0 && population >= smallScope && n*100 > g.MaxPercent*population:
		return fmt.Sprintf("more than %d%% of the scope", g.MaxPercent)
	}
	return ""
}

// approvalID is a digest of exactly this set of keys of this scope.
func approvalID(scope graph.Scope, keys []graph.Key) string {
	sorted := slices.Sorted(slices.Values(keys))
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", scope)
	for _, k := range sorted {
		fmt.Fprintf(h, "%s\n", k)
	}
	return hex.EncodeToString(h.Sum(nil)[:approvalSize])
}

const approvalSize = 8 // bytes

// IsApproval reports whether id has the form of an approval id.
func IsApproval(id string) bool {
	b, err := hex.DecodeString(id)
	return err == nil && len(b) == approvalSize && strings.ToLower(id) == id
}

// guard withholds the candidates of a scope when the guard objects to so many and nobody approved. What comes and goes by
// design may go in any number.
func (g Guard) guard(sp *ScopePlan, candidates []*removal) {
	if sp.Type.Transient {
		return
	}
	reason := g.objection(sp.Population, sp.Read, len(candidates))
	if reason == "" {
		return
	}
	g.withhold(sp, candidates, reason)
}

// withhold keeps the deletes back for one reason, unless somebody approved of exactly this set.
func (g Guard) withhold(sp *ScopePlan, deletes []*removal, reason string) {
	if len(deletes) == 0 {
		return
	}
	keys := make([]graph.Key, len(deletes))
	for i, d := range deletes {
		keys[i] = d.key
	}
	id := approvalID(sp.Scope, keys)
	if slices.Contains(g.Approve, id) {
		if !slices.Contains(sp.Approved, id) {
			sp.Approved = append(sp.Approved, id)
		}
		for _, d := range deletes {
			d.approved = true
		}
		return
	}
	for _, d := range deletes {
		d.withheld, d.approval = reason, id
	}
}
