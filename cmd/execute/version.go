package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"assetgraph/graph"
	"assetgraph/graph/sqlite"
)

// A build is what is known of the program itself: what `version --output json` prints.
type build struct {
	Version     string     `json:"version"`  // of the release, or what Go makes of the commit; "(devel)" when neither is known
	Commit      string     `json:"commit"`   // "" when it was not built in a repository
	Date        *time.Time `json:"date"`     // of the commit; null when it is not known
	Modified    bool       `json:"modified"` // the files were not those of the commit
	Go          string     `json:"go"`
	Platform    string     `json:"platform"`
	SQLite      string     `json:"sqlite"`      // of the library in the program
	GraphFormat int        `json:"graphFormat"` // that it writes; it reads those before too
}

// thisBuild returns what Go has written into the program when it was built.
func thisBuild() build {
	b := build{
		Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		SQLite: sqlite.LibraryVersion, GraphFormat: graph.FormatVersion,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = cmp.Or(info.Main.Version, b.Version)
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			if at, err := time.Parse(time.RFC3339, s.Value); err == nil {
				b.Date = &at
			}
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String returns the build in one line, as --version and run records have it.
func (b build) String() string {
	parts := []string{"assetgraph", b.Version, b.Go}
	if b.Commit != "" {
		parts = append(parts, b.Commit)
	}
	if b.Modified {
		parts = append(parts, "(modified)")
	}
	return strings.Join(parts, " ")
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Version, commit, Go, platform, SQLite and the format of the graph",
		Long: "Prints what this program is: its version, the commit that it was built from, Go, platform, the SQLite library in it, and the " +
			"format of the graphs that it writes. It reads no settings. docs/upgrade.md says which version reads which format.",
		Example:     "  execute version\n  execute version --output json",
		Args:        cobra.NoArgs,
		Annotations: outputs("text", "json"),
		RunE: func(c *cobra.Command, _ []string) error {
			a.started = true
			if err := a.chooseOutput(c); err != nil {
				return err
			}
			return a.printVersion(thisBuild())
		},
	}
}

func (a *app) printVersion(b build) error {
	if a.flags.output == "json" {
		return a.printJSON(b)
	}
	commit := cmp.Or(b.Commit, "unknown")
	if b.Date != nil {
		commit += " of " + b.Date.UTC().Format(time.DateOnly)
	}
	if b.Modified {
		commit += ", modified"
	}
	_, err := fmt.Fprintf(a.stdout, "assetgraph %s\n  commit        %s\n  Go            %s\n  platform      %s\n  SQLite        %s\n"+
		"  graph format  %d\n", b.Version, commit, b.Go, b.Platform, b.SQLite, b.GraphFormat)
	return err
}
