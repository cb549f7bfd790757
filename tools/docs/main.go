// Command docs writes what the documentation takes from the code: docs/graph-model.md from the declared schema,
// docs/configuration.md and .env.example from the declared settings, docs/metrics.md from the declared metrics,
// deploy/systemd and what docs/cron.md shows from package schedule, deploy/dashboards from the ready questions. Run it in the project's root:
//
//	go run ./tools/docs
//	go run ./tools/docs --check     # changes nothing, fails when a file is out of date
//	go run ./tools/docs --outputs   # also runs the commands whose outputs documents show, and puts in what they print
//
// `go generate ./...` runs it too, and renews all that is generated or golden.
package main

//go:generate go run -C ../.. ./tools/docs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "change nothing; fail when a file is out of date")
	renew := flag.Bool("outputs", false, "also renew the outputs of commands that documents show")
	flag.Parse()
	err := run(".", *check)
	if err == nil && *renew {
		err = outputs(context.Background(), ".")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run writes, or checks, every generated file below root.
func run(root string, check bool) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(root, f.path)
		have, err := os.ReadFile(path)
		if err == nil && bytes.Equal(have, []byte(f.text)) {
			continue
		}
		if check {
			return fmt.Errorf("%s is out of date: go run ./tools/docs", f.path)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("write documentation: %w", err)
		}
		if err := os.WriteFile(path, []byte(f.text), 0o644); err != nil {
			return fmt.Errorf("write documentation: %w", err)
		}
	}
	return nil
}
