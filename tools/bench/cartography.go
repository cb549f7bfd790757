package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cartographyVersion is the release that is installed from PyPI. It has Python 3.13 or newer tested.
const cartographyVersion = "0.143.0"

var errNoCartography = errors.New("no Cartography here")

// cartography is the program of that name (github.com/cartography-cncf/cartography), in a virtual environment of its
// own.
type cartography struct{ program string }

// cartography installs the program, two gigabytes with all that it brings, unless an earlier bench did. What keeps it
// from being installed is an errNoCartography.
func (s *session) cartography(ctx context.Context) (*cartography, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoCartography, err)
	}
	folder := filepath.Join(cache, "assetgraph", "cartography-"+cartographyVersion)
	complete := filepath.Join(folder, "complete")
	found := &cartography{program: filepath.Join(folder, "bin", "cartography")}
	if _, err := os.Stat(complete); err == nil {
		return found, nil
	}
	s.say("installing Cartography %s into %s, which takes minutes", cartographyVersion, folder)
	if err := makeEnvironment(ctx, folder); err != nil {
		return nil, err
	}
	pip := exec.CommandContext(ctx, filepath.Join(folder, "bin", "python"), "-m", "pip", "install", "--quiet",
		"--disable-pip-version-check", "cartography=="+cartographyVersion)
	if out, err := pip.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: pip: %w: %s", errNoCartography, err, lastLine(out))
	}
	return found, os.WriteFile(complete, nil, 0o600)
}

// makeEnvironment makes a virtual environment with the first Python that can.
func makeEnvironment(ctx context.Context, folder string) error {
	var errs []error
	for _, python := range []string{"python3.14", "python3.13", "python3"} {
		out, err := exec.CommandContext(ctx, python, "-m", "venv", "--clear", folder).CombinedOutput()
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("%s -m venv: %w %s", python, err, lastLine(out)))
	}
	return fmt.Errorf("%w: %w", errNoCartography, errors.Join(errs...))
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// sync is one whole run of Cartography, as its users start it.
func (c *cartography) sync(ctx context.Context, name string, f *fleet, g *target) (sample, error) {
	one, _, err := f.timed(ctx, name, g, c.program, "--selected-modules", "sentinelone",
		"--neo4j-uri", g.url, "--neo4j-user", g.env["GRAPH_DB_USERNAME"],
		"--neo4j-password-env-var", "GRAPH_DB_PASSWORD",
		"--sentinelone-api-url", f.env["SENTINELONE_URL"],
		"--sentinelone-api-token-env-var", "SENTINELONE_API_TOKEN")
	if err == nil {
		f.session.record(one)
	}
	return one, err
}
