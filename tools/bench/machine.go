package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"assetgraph/graph/sqlite"
	"assetgraph/internal/neo4jserver"
	"assetgraph/internal/providers"
)

// A machine is what the figures were taken on and with.
type machine struct {
	Date     time.Time `json:"date"`
	CPU      string    `json:"cpu"`
	Cores    int       `json:"cores"`
	MemoryGB float64   `json:"memoryGB"`
	System   string    `json:"system"`
	Go       string    `json:"go"`
	SQLite   string    `json:"sqlite"`
	Driver   string    `json:"sqliteDriver"`
	Neo4j    string    `json:"neo4j"`
	Bolt     string    `json:"neo4jDriver"`
	Commit   string    `json:"commit"`
	Machines int       `json:"machines"`
	Repeat   int       `json:"repeat"`
}

// describe finds out what it can; what it can't is said to be unknown.
func describe(ctx context.Context, o *options, root string) machine {
	m := machine{
		Date: time.Now().UTC(), CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(),
		System: runtime.GOOS + "/" + runtime.GOARCH,
		Go:     runtime.Version(), SQLite: sqliteVersion(ctx), Driver: module("modernc.org/sqlite"),
		Neo4j: neo4jserver.Version,
		Bolt:  module("github.com/neo4j/neo4j-go-driver/v5"), Commit: commit(ctx, root), Machines: o.machines,
		Repeat: o.repeat,
	}
	var kilobytes float64
	if _, err := fmt.Sscanf(field("/proc/meminfo", "MemTotal"), "%f kB", &kilobytes); err == nil {
		m.MemoryGB = kilobytes / 1e6
	}
	return m
}

const unknown = "unknown"

// field returns the value of the first line "name: value" of a file.
func field(path, name string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return unknown
	}
	for line := range strings.Lines(string(b)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}

func module(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return unknown
}

func sqliteVersion(ctx context.Context) string {
	schema, err := providers.All().Schema()
	if err != nil {
		return unknown
	}
	store, err := sqlite.Open(ctx, sqlite.Memory, schema, sqlite.Options{})
	if err != nil {
		return unknown
	}
	defer func() { _ = store.Close() }() // nothing is kept in it
	version, err := single(ctx, store, "SELECT sqlite_version()")
	if err != nil {
		return unknown
	}
	return fmt.Sprint(version)
}

// commit names the commit of the working copy and says whether files differ from it.
func commit(ctx context.Context, root string) string {
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	id, err := git("rev-parse", "--short=12", "HEAD")
	if err != nil {
		return unknown
	}
	changes, err := git("status", "--porcelain")
	if err != nil || changes != "" {
		id += " (modified)"
	}
	return id
}

func (m machine) markdown() string {
	return fmt.Sprintf(`Measured on %s with %d machines, each figure %d times, at commit %s.

| | |
|---|---|
| processor | %s, %d cores |
| memory | %.0f GB |
| system | %s, %s |
| SQLite | %s (modernc.org/sqlite %s) |
| Neo4j | %s (neo4j-go-driver %s) |
`, m.Date.Format("2006-01-02 15:04 UTC"), m.Machines, m.Repeat, m.Commit, m.CPU, m.Cores, m.MemoryGB, m.System, m.Go,
		m.SQLite, m.Driver, m.Neo4j, m.Bolt)
}
