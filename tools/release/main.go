// Command release reads how releases are made, as goreleaser itself does, and fails on what it would not take:
//
//	go run -C tools/release . ../../.goreleaser.yaml
//
// It is a module of its own, so that what goreleaser needs is no part of the program's. All of goreleaser takes too long
// to build for each change; its own `goreleaser check` also looks for settings that are on their way out.
package main

import (
	"fmt"
	"os"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: release FILE")
		os.Exit(2)
	}
	if _, err := config.Load(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "error: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
