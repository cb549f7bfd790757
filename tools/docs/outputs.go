package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// program is what commands in the documentation begin with.
const program = "go run ./cmd/execute"

// withOutputs lists the documents that show what commands print, in the order in which people read them: a command
// finds the graph that those before it have left.
func withOutputs() []string {
	return []string{"README.md", "docs/reports.md", "docs/changes.md", "docs/findings.md", "docs/commands.md"}
}

// renewOutputs runs the commands whose outputs the texts of documents show, one after the other in an empty folder, and
// returns the texts with what they print:
//
//	<!-- output of: go run ./cmd/execute … -->
//	```text
//	what it prints
//	```
//	<!-- end of output -->
//
// A command whose output is of no interest stands in a comment alone:
//
//	<!-- run: go run ./cmd/execute … -->
//
// An argument may stand in single quotes; it holds no blanks.
func renewOutputs(ctx context.Context, root string, texts ...string) ([]string, error) {
	dir, err := os.MkdirTemp("", "assetgraph-docs-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "go-build", "execute") // the program takes itself for one that `go run` made
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/execute")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the program: %w\n%s", err, out)
	}
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return nil, err
	}
	shown := regexp.MustCompile("(?s)<!-- run: " + program + " ([^\n]*) -->|" +
		"<!-- output of: " + program + " ([^\n]*) -->\n```text\n.*?```\n<!-- end of output -->")
	renewed := make([]string, 0, len(texts))
	for _, text := range texts {
		renewed = append(renewed, shown.ReplaceAllStringFunc(text, func(block string) string {
			found := shown.FindStringSubmatch(block)
			args := found[1] + found[2]
			cmd := exec.CommandContext(ctx, binary, strings.Fields(strings.ReplaceAll(args, "'", ""))...)
			cmd.Dir = work
			out, runErr := cmd.Output()
			if runErr != nil {
				err = fmt.Errorf("%s %s: %w", program, args, runErr)
				return block
			}
			if found[2] == "" {
				return block
			}
			return fmt.Sprintf("<!-- output of: %s %s -->\n```text\n%s```\n<!-- end of output -->", program, args, out)
		}))
	}
	return renewed, err
}

// outputs renews what the documents show.
func outputs(ctx context.Context, root string) error {
	texts, err := readAll(root, withOutputs())
	if err != nil {
		return err
	}
	renewed, err := renewOutputs(ctx, root, texts...)
	if err != nil {
		return err
	}
	for i, name := range withOutputs() {
		if err := os.WriteFile(filepath.Join(root, name), []byte(renewed[i]), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func readAll(root string, names []string) ([]string, error) {
	texts := make([]string, 0, len(names))
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}
