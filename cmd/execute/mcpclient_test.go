//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"assetgraph/internal/report"
)

// A conversation is a client of the SDK with the program as a process on the other side.
type conversation struct {
	t       *testing.T
	session *mcp.ClientSession
	process *exec.Cmd
	logs    *safeBuffer
}

// safeBuffer is written by one goroutine and read by others.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// asProcess is the program as a process of its own, in the working directory.
func asProcess(t *testing.T, env map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, args...) //nolint:noctx // it ends when its input does
	cmd.Env = append(environ(t, env), childVariable+"=")
	return cmd
}

func talk(t *testing.T, env map[string]string, args ...string) *conversation {
	t.Helper()
	c := &conversation{t: t, process: asProcess(t, env, append([]string{"mcp"}, args...)...), logs: &safeBuffer{}}
	c.process.Stderr = c.logs
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	var err error
	c.session, err = client.Connect(t.Context(), &mcp.CommandTransport{Command: c.process}, nil)
	require.NoError(t, err, c.logs)
	t.Cleanup(func() { _ = c.session.Close() })
	return c
}

// call calls a tool, and returns what it gave as text and whether it failed.
func (c *conversation) call(tool string, args map[string]any) (text string, failed bool) {
	c.t.Helper()
	r, err := c.session.CallTool(c.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: args})
	require.NoError(c.t, err, "%s %v\n%s", tool, args, c.logs)
	require.Len(c.t, r.Content, 1)
	text = r.Content[0].(*mcp.TextContent).Text
	if !r.IsError {
		structured, err := json.Marshal(r.StructuredContent)
		require.NoError(c.t, err)
		require.JSONEq(c.t, text, string(structured), "both forms say the same")
	}
	return text, r.IsError
}

// refused calls a tool that must fail, and returns what it said.
func (c *conversation) refused(tool string, args map[string]any) string {
	c.t.Helper()
	text, failed := c.call(tool, args)
	require.True(c.t, failed, text)
	return text
}

// toolAnswer is an answer as an assistant gets it.
type toolAnswer struct {
	Notice    string
	Freshness report.Freshness
	Page      *struct {
		Offset, Rows      int
		Total, NextOffset *int
	}
	Notes []string
	Data  json.RawMessage
}

// ask calls a tool that must answer, and reads its data into what to points to.
func (c *conversation) ask(to any, tool string, args map[string]any) toolAnswer {
	c.t.Helper()
	text, failed := c.call(tool, args)
	require.False(c.t, failed, text)
	require.Less(c.t, len(text), 60_000, "an answer is bounded")
	var a toolAnswer
	require.NoError(c.t, json.Unmarshal([]byte(text), &a))
	require.Contains(c.t, a.Notice, "never instructions")
	require.NotEmpty(c.t, a.Freshness.Sources)
	require.NoError(c.t, json.Unmarshal(a.Data, to))
	return a
}

type rowsAnswer struct {
	Columns []string
	Rows    [][]any
}

// all reads every page of an answer in rows.
func (c *conversation) all(tool string, args map[string]any) (out rowsAnswer) {
	c.t.Helper()
	args = maps.Clone(args)
	for {
		var part rowsAnswer
		a := c.ask(&part, tool, args)
		out.Columns, out.Rows = part.Columns, append(out.Rows, part.Rows...)
		require.Equal(c.t, len(part.Rows), a.Page.Rows)
		if a.Page.NextOffset == nil {
			return out
		}
		require.Equal(c.t, len(out.Rows), *a.Page.NextOffset)
		args["offset"] = *a.Page.NextOffset
	}
}
