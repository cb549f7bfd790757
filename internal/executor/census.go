package executor

import (
	"context"
	"sync"

	"assetgraph/converters"
	"assetgraph/graph"
	"assetgraph/internal/panics"
)

// A census is how many elements the graph held of each scope before the run, with their seals. The graph is counted while
// the sources are read, since that may take seconds of a large one: who asks waits for it.
type census func() ([]graph.ScopeCount, error)

// newCensus returns a census that is taken when it is asked for the first time.
func newCensus(ctx context.Context, store graph.Reader) census {
	return sync.OnceValues(func() (list []graph.ScopeCount, err error) {
		defer panics.Catch(&err)
		list, err = store.Counts(ctx)
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return list, err
	})
}

// taken waits for the census, and returns why it could not be taken. Then the run has failed: collectAndCompare sees to
// it.
func (c census) taken() error {
	_, err := c()
	return err
}

// counts is nothing when the census could not be taken.
func (c census) counts() []graph.ScopeCount {
	list, _ := c()
	return list
}

// holds reports whether the graph held, or may have held, something of the instance beside the program's own entity.
func (c census) holds(instance string) bool {
	list, err := c()
	for _, p := range list {
		if p.Instance == instance && p.Type != converters.IntegrationType().Name {
			return true
		}
	}
	return err != nil
}

// known returns what the graph is known to hold of a scope, also where it is read back all the same.
func (c census) known(scope graph.Scope) (graph.Seal, bool) {
	list, err := c()
	if err != nil {
		return graph.Seal{}, false
	}
	return sealIn(list, scope)
}

// expected returns what the graph should hold of a scope that is read back.
func (c census) expected(scope graph.Scope) (graph.Seal, bool) { return expectedIn(c.counts(), scope) }

func expectedIn(counts []graph.ScopeCount, scope graph.Scope) (graph.Seal, bool) {
	for _, c := range counts {
		if c.Scope == scope && c.Seal != nil {
			return *c.Seal, true
		}
	}
	return graph.Seal{}, false
}

// sealIn returns what the graph is known to hold of a scope by its counts. A scope that is not among them is empty.
func sealIn(counts []graph.ScopeCount, scope graph.Scope) (graph.Seal, bool) {
	for _, c := range counts {
		if c.Scope == scope {
			return c.Sealed()
		}
	}
	return graph.Seal{}, true
}
