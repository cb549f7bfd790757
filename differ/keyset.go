package differ

import (
	"hash/maphash"
	"slices"

	"assetgraph/graph"
)

// A keySet knows the keys of one entity scope by 64-bit hashes: those that were read, and those that only the graph
// holds. Eight bytes a key; that two of several million keys share a hash is not to be expected, and would at worst let a relationship
// through that the store then reports as one with a missing end.
type keySet struct {
	seed    maphash.Seed
	read    []uint64
	removed map[graph.Key]*keyUse
}

// A keyUse says whether a relationship that was read names an entity that was not.
type keyUse struct {
	removal *removal
	named   bool
}

func newKeySet(list []entry, deletes []*removal) *keySet {
	k := &keySet{seed: maphash.MakeSeed(), read: make([]uint64, len(list)), removed: make(map[graph.Key]*keyUse, len(deletes))}
	for i := range list {
		k.read[i] = maphash.String(k.seed, string(list[i].Key))
	}
	slices.Sort(k.read)
	for _, d := range deletes {
		k.removed[d.key] = &keyUse{removal: d}
	}
	return k
}

// name reports whether key was read or is in the graph, and marks it as named by a relationship. Of a scope that was not
// compared everything is taken to be in the graph; the store reports it when it is not.
func (k *keySet) name(key graph.Key) bool {
	if k == nil {
		return true
	}
	if _, ok := slices.BinarySearch(k.read, maphash.String(k.seed, string(key))); ok {
		return true
	}
	use := k.removed[key]
	if use != nil {
		use.named = true
	}
	return use != nil
}

// removal returns the planned delete of key, nil when there is none.
func (k *keySet) removal(key graph.Key) *removal {
	if k == nil {
		return nil
	}
	if use := k.removed[key]; use != nil {
		return use.removal
	}
	return nil
}
