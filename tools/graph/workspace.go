package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// A workspace is the working copy that a graph belongs to.
type workspace struct {
	root string
	log  io.Writer // for people
}

// access is how a graph is reached.
type access struct{ endpoint, username, password string }

// firstPort is Neo4j's own; the next ones are tried when it is taken.
const (
	firstPort = 7687
	lastPort  = firstPort + 50
)

// findWorkspace looks for the project's root from the current folder upwards.
func findWorkspace(log io.Writer) (*workspace, error) {
	folder, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "docker-compose.yml")); err == nil {
			return &workspace{root: folder, log: log}, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return nil, errors.New("run this inside the project: no docker-compose.yml here or above")
		}
		folder = parent
	}
}

func (w *workspace) home() string { return filepath.Join(w.root, ".assetgraph", "neo4j") }

// password returns the password of this working copy's graph, made when it is asked for first and kept in a file that
// only its owner may read.
func (w *workspace) password() (string, error) {
	path := filepath.Join(w.root, ".assetgraph", "neo4j-password")
	if b, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(b)), nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("password: %w", err)
	}
	password := rand.Text()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	return password, nil
}

// freePort returns the first port from the given one on that nobody listens on.
func freePort(from, to int) (int, error) {
	for port := from; port <= to; port++ {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("every port from %d to %d is taken", from, to)
}
