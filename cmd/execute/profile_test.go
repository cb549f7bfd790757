package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProfilesAreWrittenOnRequest(t *testing.T) {
	dir := workIn(t)
	r := execute(t, nil, "schema", "--cpuprofile", "cpu", "--memprofile", "memory", "--trace", "trace")
	require.Equal(t, exitDone, r.code, r.stderr)
	for _, name := range []string{"cpu", "memory", "trace"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.NotZero(t, info.Size(), name)
	}
	require.NotContains(t, execute(t, nil, "--help").stdout, "cpuprofile", "hidden")
}

func TestProfileThatCannotBeWrittenIsAnError(t *testing.T) {
	workIn(t)
	for _, flag := range []string{"--cpuprofile", "--memprofile", "--trace"} {
		r := execute(t, nil, "schema", flag, filepath.Join("missing", "file"))
		r.requireFailed(t, exitFailed, flag, "missing")
	}
}
