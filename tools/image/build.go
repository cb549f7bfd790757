package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// build compiles the program of the module at root for a platform: static, with the time zones in it, and with nothing
// of where it was compiled. Of the processors of a platform it wants no more than the oldest can do.
func build(ctx context.Context, root string, p v1.Platform) ([]byte, error) {
	folder, err := os.MkdirTemp("", "assetgraph-image-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "execute")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags=timetzdata", "-ldflags=-s -w", "-o", file,
		"./cmd/execute")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.OS, "GOARCH="+p.Architecture, "GOAMD64=v1",
		"GOARM64=v8.0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the program for %s: %w\n%s", p, err, out)
	}
	return os.ReadFile(file)
}
