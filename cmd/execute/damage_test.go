package main

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/internal/simulator"
)

// leafPage is the first byte of a page of rows (sqlite.org/fileformat2.html, "B-tree Pages").
const leafPage = 0x0d

// wound writes over one in every pages of rows, the first page and the others of small tables left out, and returns how
// many.
func wound(t *testing.T, path string, every int, with func(page []byte)) (wounds int) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	size := int(binary.BigEndian.Uint16(b[16:]))
	seen := 0
	for at := size; at < len(b); at += size {
		if b[at] != leafPage {
			continue
		}
		if seen++; seen%every == 0 {
			with(b[at : at+size])
			wounds++
		}
	}
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return wounds
}

// Pages of rows that are gone are noticed by every command that would write or says that all is well, and nothing is
// written.
func TestDamagedFileIsSaidBeforeAnythingIsDone(t *testing.T) {
	dir := workIn(t)
	_, env := fleet(t, simulator.Options{Machines: 120, Customers: 5})
	require.Equal(t, exitDone, execute(t, env, "run", "--graph", "sqlite:x.db").code)
	require.Equal(t, exitDone, execute(t, env, "check", "--graph", "sqlite:x.db").code)
	require.Positive(t, wound(t, "x.db", 20, func(page []byte) { clear(page) }))
	before, err := os.ReadFile("x.db")
	require.NoError(t, err)
	for _, command := range [][]string{{"run"}, {"plan"}, {"check"}, {"clear", "--all", "--yes"}} {
		r := execute(t, env, append(command, "--graph", "sqlite:x.db")...)
		r.stdout = strings.TrimPrefix(r.stdout, settingsLine) // check says first what it reads
		r.requireFailed(t, exitFailed, "x.db", "damaged", "backup", "delete it and run")
		after, err := os.ReadFile("x.db")
		require.NoError(t, err)
		require.Equal(t, before, after, "%v", command)
		requireUntouched(t, dir, "x.db")
	}
	r := execute(t, env, "export", "--graph", "sqlite:x.db")
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.stderr, "damaged")
	require.Contains(t, r.stderr, "backup")

	require.NoError(t, os.Remove("x.db")) // what the hint says
	require.Equal(t, exitDone, execute(t, env, "run", "--graph", "sqlite:x.db").code)
}

// What a look at the pages can't see, the full one of check does.
func TestCheckReadsTheWholeFile(t *testing.T) {
	workIn(t)
	_, env := fleet(t, simulator.Options{})
	require.Equal(t, exitDone, execute(t, env, "run", "--graph", "sqlite:x.db").code)
	require.Positive(t, wound(t, "x.db", 5, func(page []byte) { clear(page[len(page)/2:]) }))
	r := execute(t, env, "check", "--graph", "sqlite:x.db")
	r.stdout = strings.TrimPrefix(r.stdout, settingsLine)
	r.requireFailed(t, exitFailed, "x.db", "damaged", "backup")
}

// settingsLine is what check prints before it has looked at anything.
const settingsLine = "settings     the environment alone; there is no .env here\n"
