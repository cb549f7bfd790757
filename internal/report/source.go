package report

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// A Language is what a store's Query understands.
type Language uint8

// The languages: that of the embedded graph and that of Neo4j.
const (
	SQL Language = iota
	Cypher
)

// String returns the language as it is written.
func (l Language) String() string { return [...]string{"SQL", "Cypher"}[l] }

// A Store is what answers need of a graph store.
type Store interface {
	graph.Reader
	graph.Querier

	// Runs is that of graph.Journal, Changes that of graph.ChangeLog, Findings and FindingChecks those of
	// graph.FindingBook, Figures that of graph.FigureBook.
	Runs(ctx context.Context, limit int) ([]graph.Run, error)
	Changes(ctx context.Context, s graph.ChangeSelection) iter.Seq2[graph.Change, error]
	Findings(ctx context.Context, s graph.FindingSelection) iter.Seq2[graph.Finding, error]
	FindingChecks(ctx context.Context) (map[string]time.Time, error)
	Figures(ctx context.Context, s graph.FigureSelection) iter.Seq2[graph.Figure, error]
}

// A Source is a graph that can be asked.
type Source struct {
	Store    Store
	Language Language // that Store's Query understands
	Schema   *graph.Schema
	Model    Model // what the types of Schema are
}

// eachEntity calls f with every entity of a type, of which the named properties are read. It is valid until f returns.
func (s Source) eachEntity(ctx context.Context, name string, properties []string, f func(*graph.Element)) error {
	t, err := s.typeOf(name)
	if err != nil {
		return err
	}
	return s.eachOf(ctx, graph.Selection{Type: t, Properties: properties}, func(e graph.Stored) { f(e.Element) })
}

// eachOf calls f with every selected element.
func (s Source) eachOf(ctx context.Context, selection graph.Selection, f func(graph.Stored)) error {
	for e, err := range s.Store.Elements(ctx, selection) {
		if err != nil {
			return fmt.Errorf("read %s: %w", selection.Type.Name, err)
		}
		f(e)
	}
	return nil
}

// eachLink calls f with every selected link.
func (s Source) eachLink(ctx context.Context, selection graph.LinkSelection, f func(graph.Link)) error {
	for l, err := range s.Store.Links(ctx, selection) {
		if err != nil {
			return err
		}
		f(l)
	}
	return nil
}

// together does several things side by side and returns all of their errors.
func together(list ...func() error) error {
	errs := make([]error, len(list))
	var waiting panics.Group
	for i, f := range list {
		waiting.Go(func() { errs[i] = f() })
	}
	waiting.Wait()
	return errors.Join(errs...)
}

// typeOf returns a declared type.
func (s Source) typeOf(name string) (*graph.Type, error) {
	if t := s.Schema.Type(name); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("the schema has no type %s", name)
}
