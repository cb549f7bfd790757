package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"assetgraph/internal/neo4jserver"
)

// An engine is a container engine that answers.
type engine struct{ *workspace }

const firstHTTPPort = 7474

// engine returns the container engine of this machine, or nil when none answers or it has no compose.
func (w *workspace) engine(ctx context.Context) *engine {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, args := range [][]string{{"info"}, {"compose", "version"}} {
		if exec.CommandContext(ctx, "docker", args...).Run() != nil {
			return nil
		}
	}
	return &engine{w}
}

// compose runs a command of docker compose and returns what it prints; what it has to say to people goes to them.
func (e *engine) compose(ctx context.Context, settings []string, args ...string) (string, error) {
	file := filepath.Join(e.root, "docker-compose.yml")
	cmd := exec.CommandContext(ctx, "docker", append([]string{"compose", "--file", file}, args...)...)
	cmd.Env = append(os.Environ(), settings...)
	cmd.Stderr = e.log
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("docker compose %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

func (e *engine) start(ctx context.Context) (*access, error) {
	if a, err := e.status(ctx); err == nil {
		return a, nil
	}
	password, err := e.password()
	if err != nil {
		return nil, err
	}
	bolt, err := freePort(firstPort, lastPort)
	if err != nil {
		return nil, err
	}
	http, err := freePort(firstHTTPPort, firstHTTPPort+50)
	if err != nil {
		return nil, err
	}
	settings := []string{
		"NEO4J_AUTH=" + neo4jserver.Username + "/" + password,
		fmt.Sprintf("NEO4J_BOLT_PORT=%d", bolt), fmt.Sprintf("NEO4J_HTTP_PORT=%d", http),
	}
	if _, err := e.compose(ctx, settings, "up", "--detach", "--wait"); err != nil {
		return nil, fmt.Errorf("%w\n(a volume that is older than the password in .assetgraph refuses it: docker compose down --volumes)", err)
	}
	return e.status(ctx)
}

func (e *engine) stop(ctx context.Context) error {
	_, err := e.compose(ctx, nil, "down")
	return err
}

// status asks where the container's port is published: only a running one has it.
func (e *engine) status(ctx context.Context) (*access, error) {
	running, err := e.compose(ctx, nil, "ps", "--status", "running", "--quiet", "neo4j")
	if err != nil || running == "" {
		return nil, errNotRunning
	}
	address, err := e.compose(ctx, nil, "port", "neo4j", fmt.Sprint(firstPort))
	if err != nil {
		return nil, err
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("docker compose port: %w", err)
	}
	password, err := e.password()
	if err != nil {
		return nil, err
	}
	return &access{endpoint: "bolt://" + address, username: neo4jserver.Username, password: password}, nil
}
