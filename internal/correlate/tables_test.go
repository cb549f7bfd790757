package correlate

import (
	"runtime"
	"testing"
)

// BenchmarkTables measures the tables that the package has made for itself against what the language has, on the
// records of 100,000 machines. Compare with ns/record of BenchmarkCorrelate, taken in the same minutes.
func BenchmarkTables(b *testing.B) {
	const records = 300_000
	hashes := make([]uint64, records)
	for n := range hashes {
		hashes[n] = mix(uint64(n + 1))
	}
	measure := func(name string, build func() any) {
		b.Run(name, func(b *testing.B) {
			var held, allocated uint64
			for b.Loop() {
				b.StopTimer()
				before := heap()
				b.StartTimer()
				table := build()
				b.StopTimer()
				held = heap() - before
				runtime.KeepAlive(table)
				b.StartTimer()
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			allocated = m.TotalAlloc
			build()
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
			b.ReportMetric(float64(held)/records, "B-held/record")
			b.ReportMetric(float64(m.TotalAlloc-allocated)/records, "B-allocated/record")
		})
	}
	// Each record is entered once, and looked for three times: when it is added, for what it was, and for its links.
	measure("index/hashTable", func() any {
		t := &hashTable{}
		hashOf := func(n uint32) uint64 { return hashes[n] }
		for n, h := range hashes {
			if !t.put(h, uint32(n)) {
				t.grow(0)
				for m := range n + 1 {
					t.put(hashes[m], uint32(m))
				}
			}
		}
		for range 3 {
			for _, h := range hashes {
				t.find(h, hashOf)
			}
		}
		return t
	})
	measure("index/map", func() any {
		t := map[uint64]uint32{}
		for n, h := range hashes {
			t[h] = uint32(n)
		}
		found := uint32(0)
		for range 3 {
			for _, h := range hashes {
				found += t[h]
			}
		}
		return t
	})
	// Each of the five kinds of identifiers is counted and joined; three records of a machine share it.
	measure("count/tally", func() any {
		t, f := newTally(records), newForest(records)
		for range 5 {
			t.reset()
			for n := range hashes {
				t.count(hashes[n/3], uint32(n), true)
			}
			for n := range hashes {
				t.join(hashes[n/3], uint32(n), f)
			}
		}
		return t
	})
	measure("count/map", func() any {
		type holders struct{ first, live uint32 }
		t, f := map[uint64]holders{}, newForest(records)
		for range 5 {
			clear(t)
			for n := range hashes {
				h, known := t[hashes[n/3]]
				if !known {
					h.first = uint32(n)
				}
				h.live++
				t[hashes[n/3]] = h
			}
			for n := range hashes {
				f.union(t[hashes[n/3]].first, uint32(n))
			}
		}
		return t
	})
	measure("records/chunked", func() any {
		t := &chunked[record]{}
		for _, h := range hashes {
			t.push(record{key: h})
		}
		return t
	})
	measure("records/slice", func() any {
		var t []record
		for _, h := range hashes {
			t = append(t, record{key: h})
		}
		return t
	})
	// What is shared by three is one component.
	measure("components/forest", func() any {
		f := newForest(records)
		for n := range uint32(records) {
			f.union(n/3*3, n)
		}
		return f
	})
	measure("components/partition", func() any {
		numbers := make([]int32, records)
		for n := range numbers {
			numbers[n] = int32(n)
		}
		p := &partition{}
		p.reset(numbers)
		for n := range int32(records) {
			p.union(n/3*3, n)
		}
		return p
	})
}
