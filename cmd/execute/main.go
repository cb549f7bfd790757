// Command execute pulls each configured product completely, compares what they say with the graph, and writes the
// difference.
//
// `execute --help` names its commands; docs/configuration.md its settings.
//
// It may import everything but graph/storetest, and nothing imports it. It holds flags, settings, wiring, output and
// exit codes; what a run does is package executor's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"assetgraph/internal/panics"
)

func main() {
	abortOnCrash()
	boundHeap()
	os.Exit(run(context.Background(), os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command and returns its exit code. args begins with the program's name; environ is as os.Environ
// gives it. The first SIGINT, SIGTERM or SIGHUP ends the context, the second the process.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(args, environ, stdin, stdout, stderr).execute(ctx)
}

// untilSignal returns a context that ends at the first SIGINT, SIGTERM or SIGHUP, which it says on stderr; from then on
// a signal does what it does by default: it ends the process. A SIGHUP that is ignored, as nohup has it, stays so. stop
// must be called in the end.
func untilSignal(ctx context.Context, stderr io.Writer) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	var waiting panics.Group
	waiting.Go(func() {
		defer signal.Stop(signals)
		select {
		case s := <-signals:
			fmt.Fprintln(stderr, "stopping after the batch in hand; a second signal stops at once")
			cancel(fmt.Errorf("stopped by signal: %s", s))
		case <-ctx.Done():
		}
	})
	return ctx, func() {
		cancel(nil)
		waiting.Wait()
	}
}

// untilUnread returns a context that ends when nobody reads the logs any more, as when `2>&1 | head -1` has its line. By
// default that ends the process at once, and its locks outlive it. stop must be called in the end.
func (a *app) untilUnread(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	// Asked for, the signal does nothing by itself, and the write fails. That it comes says nothing: connections that
	// the other side has closed send it too.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGPIPE)
	a.logs.whenUnread(func() { cancel(errors.New("nobody reads the logs any more")) })
	return ctx, func() {
		a.logs.whenUnread(nil)
		signal.Stop(signals)
		cancel(nil)
	}
}
