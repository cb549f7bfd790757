package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// memoryLimit is from where on the garbage collector works harder rather than let the heap grow
	// (runtime/debug.SetMemoryLimit): a million machines in three products fit below it, and it keeps a run of theirs under
	// 1 GiB in all. GOMEMLIMIT overrules it.
	memoryLimit = 750 << 20

	// heapRoom is by how much the heap may grow until garbage is collected, within the percentages below. A percentage
	// alone, as Go has it, collects the small heap of a small fleet all the time, and lets that of a large one grow by
	// what it is already.
	heapRoom = 48 << 20

	leastGCPercent = 40
	mostGCPercent  = 400
)

// boundHeap has the garbage collector work within those, unless GOGC and GOMEMLIMIT say otherwise.
func boundHeap() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(mostGCPercent)
		afterEachCollection(func() { debug.SetGCPercent(gcPercent(liveHeap())) })
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// gcPercent is what lets a heap of which so many bytes are live grow by heapRoom.
func gcPercent(live uint64) int {
	return int(min(max(heapRoom*100/max(live, 1), leastGCPercent), mostGCPercent))
}

// liveHeap returns how many bytes the last collection has left.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// afterEachCollection has f called after each garbage collection, in a goroutine of the runtime's, once the garbage is
// known: nothing keeps the mark from being garbage.
func afterEachCollection(f func()) {
	type mark struct{ _ *int } // what holds no pointer may share its memory with what lives on
	runtime.SetFinalizer(new(mark), func(*mark) {
		f()
		afterEachCollection(f)
	})
}
