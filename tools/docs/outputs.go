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

// renewOutputs runs the commands whose outputs a file of the documentation shows, one after the other in an empty folder, and returns the
// file's text with what they print:
//
//	<!-- output of: go run ./cmd/execute … -->
//	```text
//	what it prints
//	```
//	<!-- end of output -->
func renewOutputs(ctx context.Context, root, text string) (string, error) {
	dir, err := os.MkdirTemp("", "assetgraph-docs-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "go-build", "execute") // the program takes itself for one that `go run` made
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/execute")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return "", err
	}
	shown := regexp.MustCompile("(?s)<!-- output of: " + program + " ([^\n]*) -->\n```text\n.*?```\n<!-- end of output -->")
	text = shown.ReplaceAllStringFunc(text, func(block string) string {
		args := shown.FindStringSubmatch(block)[1]
		cmd := exec.CommandContext(ctx, binary, strings.Fields(args)...)
		cmd.Dir = work
		out, runErr := cmd.Output()
		if runErr != nil {
			err = fmt.Errorf("%s %s: %w", program, args, runErr)
			return block
		}
		return fmt.Sprintf("<!-- output of: %s %s -->\n```text\n%s```\n<!-- end of output -->", program, args, out)
	})
	return text, err
}

// outputs renews what the README shows.
func outputs(ctx context.Context, root string) error {
	path := filepath.Join(root, "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	renewed, err := renewOutputs(ctx, root, string(text))
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(renewed), 0o644)
}
