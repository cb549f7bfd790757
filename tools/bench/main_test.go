package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// shared is the folder of the programs, which are built by the first test that needs them.
var shared struct {
	folder string
	build  sync.Once
	err    error
}

// The test binary is what floors are started from.
func TestMain(m *testing.M) {
	if isFloor(os.Args) {
		os.Exit(runFloor(context.Background(), os.Args[1], os.Stdin, os.Stdout, os.Stderr))
	}
	var err error
	if shared.folder, err = os.MkdirTemp("", "assetgraph-bench-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(shared.folder) // what stays is only litter
	os.Exit(code)
}

// programs returns the folder of execute and simulate.
func programs(t *testing.T) string {
	t.Helper()
	shared.build.Do(func() {
		var root string
		if root, shared.err = workingCopy(t.Context()); shared.err == nil {
			shared.err = buildPrograms(t.Context(), root, shared.folder)
		}
	})
	require.NoError(t, shared.err)
	return shared.folder
}
