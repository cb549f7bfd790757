package main

import (
	"context"
	"errors"
	"fmt"

	"assetgraph/internal/neo4jserver"
)

// start prefers a server that runs already, then a container engine, then a process.
func start(ctx context.Context, w *workspace) (*access, error) {
	if s := neo4jserver.Find(w.home()); s != nil {
		return accessOf(s), nil
	}
	if e := w.engine(ctx); e != nil {
		return e.start(ctx)
	}
	fmt.Fprintln(w.log, "no container engine answers: starting the server as a process")
	return startProcess(ctx, w)
}

func startProcess(ctx context.Context, w *workspace) (*access, error) {
	password, err := w.password()
	if err != nil {
		return nil, err
	}
	for port := firstPort; ; port++ {
		if port, err = freePort(port, lastPort); err != nil {
			return nil, err
		}
		s, err := neo4jserver.Start(ctx, neo4jserver.Options{
			Home: w.home(), Port: port, Password: password, Heap: "1g", PageCache: "512m", Detached: true, Log: w.log,
		})
		switch {
		case errors.Is(err, neo4jserver.ErrPortTaken): // by somebody who was faster
		case errors.Is(err, neo4jserver.ErrUnavailable):
			return nil, fmt.Errorf("%w; or start a container engine", err)
		case err != nil:
			return nil, err
		default:
			return accessOf(s), nil
		}
	}
}

func stop(ctx context.Context, w *workspace) (*access, error) {
	if err := neo4jserver.Stop(w.home()); err != nil {
		return nil, err
	}
	if e := w.engine(ctx); e != nil {
		return nil, e.stop(ctx)
	}
	return nil, nil
}

func status(ctx context.Context, w *workspace) (*access, error) {
	if s := neo4jserver.Find(w.home()); s != nil {
		return accessOf(s), nil
	}
	if e := w.engine(ctx); e != nil {
		return e.status(ctx)
	}
	return nil, errNotRunning
}

func accessOf(s *neo4jserver.Server) *access {
	return &access{endpoint: s.Endpoint, username: s.Username, password: s.Password}
}
