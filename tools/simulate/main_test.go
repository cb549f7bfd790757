package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrintsSettingsAndEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, report strings.Builder
	require.NoError(t, run(ctx, []string{"--machines", "5", "--export"}, &out, &report))
	require.Contains(t, out.String(), "export SENTINELONE_URL='http://127.0.0.1:")
	require.Contains(t, out.String(), "export IMMYBOT_CLIENT_SECRET='canary-")
	require.Contains(t, report.String(), "MB served")
}

func TestRefusesWhatCannotBe(t *testing.T) {
	var out, report strings.Builder
	require.Error(t, run(t.Context(), []string{"--machines", "-5"}, &out, &report))
	require.Error(t, run(t.Context(), []string{"--no-such-flag"}, &out, &report))
	require.Empty(t, out.String())
}

func TestHabits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, report strings.Builder
	require.NoError(t, run(ctx, []string{"--habits", "list"}, &out, &report))
	require.Contains(t, out.String(), "\nclones: ")
	require.NoError(t, run(ctx, []string{"--habits", "all", "--machines", "5", "--foreign", "3"}, &out, &report))
	require.NoError(t, run(ctx, []string{"--habits", "clones,digit-names", "--machines", "5"}, &out, &report))
	require.ErrorContains(t, run(ctx, []string{"--habits", "no-such"}, &out, &report), `"no-such"`)
}
