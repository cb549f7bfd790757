package main

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

func TestControlChangesTheFleet(t *testing.T) {
	s, err := simulator.Start(simulator.Options{Machines: 50})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	address, stop, err := serveControl(s)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	for _, tt := range []struct {
		path, answer string
		status       int
	}{
		{"/advance?edit=7&add=2", `{"add":2,"check-in":0,"edit":7,"move":0,"remove":0,"rename":0}` + "\n", http.StatusOK},
		{"/advance?edits=7", "unknown change \"edits\"\n", http.StatusBadRequest},
		{"/advance?edit=-1", "edit is no number of machines\n", http.StatusBadRequest},
	} {
		answer, err := http.Post(address+tt.path, "", nil)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, tt.status, answer.StatusCode, tt.path)
		require.Equal(t, tt.answer, string(body))
	}
}
