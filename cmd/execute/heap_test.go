package main

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGCPercentLeavesRoom(t *testing.T) {
	const mib = 1 << 20
	for live, want := range map[uint64]int{0: 400, 1: 400, 12 * mib: 400, 48 * mib: 100, 96 * mib: 50, 120 * mib: 40, 2000 * mib: 40} {
		require.Equal(t, want, gcPercent(live), live)
	}
	runtime.GC()
	require.NotZero(t, liveHeap())
}

func TestAfterEachCollection(t *testing.T) {
	var calls atomic.Int64
	afterEachCollection(func() { calls.Add(1) })
	for n := range int64(3) {
		require.Eventually(t, func() bool {
			runtime.GC()
			return calls.Load() > n
		}, 10*time.Second, time.Millisecond)
	}
}
