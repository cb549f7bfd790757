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
		{"/advance?edit=7&add=2", `{"add":2,"check-in":0,"edit":7,"move":0,"remove":0,"rename":0,"rename-bare":0,` +
			`"seen":0,"user":0}` + "\n", http.StatusOK},
		{"/advance?clock=1h&seen=20&user=1&rename-bare=1", `{"add":0,"check-in":0,"edit":0,"move":0,"remove":0,` +
			`"rename":0,"rename-bare":1,"seen":20,"user":1}` + "\n", http.StatusOK},
		{"/advance?clock=soon", "clock is no time\n", http.StatusBadRequest},
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
