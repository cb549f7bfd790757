package differ

import (
	"hash/maphash"
	"slices"
	"sync"

	"assetgraph/graph"
)

// A keySet knows the keys of one entity scope by 64-bit hashes: those that were read, and those that only the graph
// holds. Eight bytes a key; that two of several million keys share a hash is not to be expected, and would at worst let
// a relationship through that the store then reports as one with a missing end.
type keySet struct {
	seed    maphash.Seed
	read    func() []uint64 // sorted when first asked for: a run that creates no relationship need not
	removed map[graph.Key]*removal

	mu    sync.Mutex // scopes of relationships are compared side by side
	named map[graph.Key]bool
}

func newKeySet(list *headerIndex, deletes []*removal) *keySet {
	k := &keySet{
		seed: maphash.MakeSeed(), removed: make(map[graph.Key]*removal, len(deletes)), named: make(map[graph.Key]bool),
	}
	hashes := make([]uint64, list.len())
	for i := range hashes {
		hashes[i] = k.hash(list.key(i))
	}
	k.read = sync.OnceValue(func() []uint64 {
		slices.Sort(hashes)
		return hashes
	})
	for _, d := range deletes {
		k.removed[d.key] = d
	}
	return k
}

func (k *keySet) hash(key graph.Key) uint64 { return maphash.String(k.seed, string(key)) }

// has reports whether key was read or is in the graph. Of a scope that was not compared everything is taken to be in
// the graph; the store reports it when it is not.
func (k *keySet) has(key graph.Key) bool {
	if k == nil || k.removed[key] != nil {
		return true
	}
	_, ok := slices.BinarySearch(k.read(), k.hash(key))
	return ok
}

// name marks an entity that was not read as named by a relationship that was.
func (k *keySet) name(key graph.Key) {
	if k == nil || k.removed[key] == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.named[key] = true
}

// removal returns the planned delete of key, nil when there is none.
func (k *keySet) removal(key graph.Key) *removal {
	if k == nil {
		return nil
	}
	return k.removed[key]
}
