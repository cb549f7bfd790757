package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"assetgraph/internal/dialog"
	"assetgraph/internal/settings"
)

// graph asks where the graph lies and reaches it, until it is right or is kept as it is.
func (s *setup) graph(ctx context.Context) error {
	if set := s.env.Set(settings.Graph()); len(set) > 0 && !s.flags.demo {
		s.say("%s: set in the environment, which goes before the file.", strings.Join(set, ", "))
	}
	for {
		if err := s.place(ctx); err != nil {
			return err
		}
		endpoint, err := settings.ParseEndpoint(s.draft.Graph[settings.GraphEndpoint], s.resolved(s.draft.Graph))
		if err == nil {
			var found graphFind
			if found, err = s.reach(ctx, endpoint); err == nil {
				s.printGraph(found)
				fmt.Fprintln(s.stdout)
				return nil
			}
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.say("%s", err)
		if hinted, ok := errors.AsType[*hintedError](err); ok && endpoint.URI == "" {
			s.say("What to do: %s", hinted.hint)
		}
		choice, err := s.dialog.Choose(ctx, "What now?", "", 0, "Change it", "Keep it as it is")
		if err != nil || choice == 1 {
			return err
		}
	}
}

// place asks where the graph lies.
func (s *setup) place(ctx context.Context) error {
	before := s.draft.Graph
	server := 0
	if before != nil && !strings.HasPrefix(before[settings.GraphEndpoint], "sqlite:") {
		server = 1
	}
	server, err := s.dialog.Choose(ctx, "Where does the graph lie?", "", server, "In one SQLite file", "In a Neo4j server")
	if err != nil {
		return err
	}
	s.draft.Graph = settings.Environment{}
	if server == 0 {
		return s.askGraph(ctx, settings.GraphEndpoint, dialog.Question{
			Title: "Graph", Default: s.defaultGraph(),
			Help: "sqlite: and the file, which the first run makes. A name without a folder is of the folder in which the program is started.",
			Check: func(text string) error {
				p, err := settings.ParseEndpoint(text, nil)
				if err == nil && p.File == "" {
					return errors.New("write sqlite: and the name of a file")
				}
				return err
			},
		})
	}
	if err := s.askGraph(ctx, settings.GraphEndpoint, dialog.Question{
		Title: "Address", Default: "neo4j://localhost:7687", Help: "neo4j://, neo4j+s:// (Aura), bolt:// or bolt+s://, with host and port.",
		Check: func(text string) error {
			p, err := settings.ParseEndpoint(text, nil)
			if err == nil && p.URI == "" {
				return errors.New("this is a file; write neo4j://HOST:7687")
			}
			return err
		},
	}); err != nil {
		return err
	}
	if err := s.askGraph(ctx, settings.GraphUsername, dialog.Question{Title: "User", Default: "neo4j", Help: "User name at the server."}); err != nil {
		return err
	}
	variable := "${" + settings.GraphPassword + "}"
	return s.askGraph(ctx, settings.GraphPassword, dialog.Question{
		Title: "Password", Default: variable, Note: variable, Secret: true,
		Help: "Of that user. An empty answer leaves it to the environment variable " + settings.GraphPassword + ", which must be set for each command then.",
		Check: func(text string) error {
			if why := settings.Unseen(text); why != "" {
				return errors.New(why)
			}
			return nil
		},
	})
}

// defaultGraph is the file that is suggested: beside the configuration where that lies elsewhere.
func (s *setup) defaultGraph() string {
	if s.flags.demo {
		return settings.DemoGraph
	}
	dir, err := filepath.Abs(filepath.Dir(s.name))
	if err != nil || filepath.Dir(s.name) == "." {
		return settings.DefaultGraph
	}
	return "sqlite:" + filepath.Join(dir, strings.TrimPrefix(settings.DefaultGraph, "sqlite:"))
}

// askGraph asks for one setting of the graph.
func (s *setup) askGraph(ctx context.Context, env string, q dialog.Question) error {
	answer, err := s.dialog.Ask(ctx, q)
	if err != nil {
		return err
	}
	s.draft.Graph[env] = answer
	if q.Secret {
		s.logs.conceal([]string{s.meant(answer)})
	}
	return nil
}
