package executor_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"assetgraph/collectors"
	"assetgraph/internal/executor"
)

// ordered is a made-up source of sites whose steps a test scripts.
type ordered struct{ steps []collectors.Step }

func (*ordered) SignIn(context.Context) (collectors.Session, error) {
	return collectors.Session{Account: "a"}, nil
}

func (o *ordered) Steps() []collectors.Step { return o.steps }

// step calls during while its one record is read, and ends with err.
func step(name string, after []string, during func(), err error) collectors.Step {
	return collectors.Step{Name: name, Kinds: []string{"site"}, After: after, Records: func(context.Context, *collectors.Meter) iter.Seq2[collectors.Record, error] {
		return func(yield func(collectors.Record, error) bool) {
			during()
			if yield(collectors.Record{Kind: "site", ID: name, Value: name}, nil) && err != nil {
				yield(collectors.Record{}, err)
			}
		}
	}}
}

func TestStepsAreReadSideBySideUnlessOneComesAfterAnother(t *testing.T) {
	b := newBench(t)
	first, second := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	o := &ordered{steps: []collectors.Step{
		step("first", nil, func() {
			close(first)
			<-second // hangs unless the second runs beside it
			ended.Store(true)
		}, errors.New("cut off")),
		step("second", nil, func() {
			close(second)
			<-first
		}, nil),
		step("third", []string{"first"}, func() { require.True(t, ended.Load(), "it began before the first had ended") }, nil),
	}}
	in := executor.Instance{Name: "a", Vendor: "Test", Host: "test.example", Collector: o, Converter: b.converter}
	report := b.run(t, in)
	var names []string
	for _, s := range report.Steps {
		names = append(names, s.Step+" "+s.Status)
	}
	require.Equal(t, []string{"first incomplete", "second complete", "third complete"}, names, "in the collector's order, and a failed one holds up nobody")
	require.Equal(t, 3, b.population(t, in.Name, "test_site"))
}
