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
	err     error           // of read; set once that was called
	part    bool            // others of the scope are in the graph too
	removed map[graph.Key]*removal

	mu    sync.Mutex // scopes of relationships are compared side by side
	named map[graph.Key]bool
}

func newKeySet(list *headerIndex, deletes []*removal) *keySet {
	k := emptyKeySet()
	hashes := k.hashes(list)
	k.read = sync.OnceValue(func() []uint64 {
		slices.Sort(hashes)
		return hashes
	})
	for _, d := range deletes {
		k.removed[d.key] = d
	}
	return k
}

// sealedKeySet returns that of a scope of which the graph holds just what was read. The keys are looked at when they are
// asked for.
func sealedKeySet(f *spooled) *keySet {
	k := emptyKeySet()
	k.read = sync.OnceValue(func() []uint64 {
		list, _, err := f.sorted()
		if err != nil {
			k.err = err
			return nil
		}
		hashes := k.hashes(list)
		slices.Sort(hashes)
		return hashes
	})
	return k
}

func emptyKeySet() *keySet {
	return &keySet{
		seed: maphash.MakeSeed(), removed: make(map[graph.Key]*removal), named: make(map[graph.Key]bool),
	}
}

func (k *keySet) hashes(list *headerIndex) []uint64 {
	hashes := make([]uint64, list.len())
	for i := range hashes {
		hashes[i] = k.hash(list.key(i))
	}
	return hashes
}

func (k *keySet) hash(key graph.Key) uint64 { return maphash.String(k.seed, string(key)) }

// has reports whether key was read or is in the graph. Of a scope that was not compared everything is taken to be in
// the graph; the store reports it when it is not.
func (k *keySet) has(key graph.Key) bool {
	if k == nil || k.part || k.removed[key] != nil {
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
