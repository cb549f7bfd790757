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

// Whatever ends a run, each step says what is known of it, and none is complete that did not come to its end.
func TestStepsOfARunThatEndsEarly(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	read, silent := make(chan struct{}), make(chan struct{})
	o := &ordered{steps: []collectors.Step{
		step("read", nil, func() {}, nil),
		step("cut off", nil, func() { <-read; <-silent; cancel(errors.New("not done in time")) }, nil),
		step("behind it", []string{"cut off"}, func() { t.Error("it began") }, nil),
		{Name: "silent", Kinds: []string{"site"}, Records: func(ctx context.Context, _ *collectors.Meter) iter.Seq2[collectors.Record, error] {
			return func(func(collectors.Record, error) bool) { close(silent); <-ctx.Done() }
		}},
	}}
	watch := &stepsDone{done: map[string]func(){"read": func() { close(read) }}}
	options := b.options(executor.Instance{Name: "a", Vendor: "Test", Host: "test.example", Collector: o, Converter: b.converter})
	options.Observer = watch
	report, err := executor.Run(ctx, options)
	require.ErrorContains(t, err, "not done in time")
	require.Equal(t, executor.StatusFailed, report.Run.Status)
	var names []string
	for _, s := range report.Steps {
		names = append(names, s.Instance+" "+s.Step+" "+s.Status)
		require.Equal(t, s.Status != executor.StatusComplete, s.Error != "", s.Step)
	}
	require.Equal(t, []string{"a read complete", "a cut off failed", "a behind it skipped", "a silent failed"}, names)
}

// stepsDone calls a function when a step has ended.
type stepsDone struct{ done map[string]func() }

func (*stepsDone) StepStarted(string, string, *collectors.Meter) {}

func (s *stepsDone) StepDone(r executor.StepReport) {
	if f := s.done[r.Step]; f != nil {
		f()
	}
}

func (*stepsDone) Progress(string, int, int) {}
