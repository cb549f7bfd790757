package main

import (
	"context"
	"os"
	"testing"
)

// The test binary is what floors are started from.
func TestMain(m *testing.M) {
	if isFloor(os.Args) {
		os.Exit(runFloor(context.Background(), os.Args[1], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
