package main

import (
	"fmt"
	"runtime/debug"

	"assetgraph/internal/panics"
)

// abortOnCrash settles how the process ends when the Go runtime gives up, which nothing can catch: out of memory, maps
// written from two goroutines, a panic in a goroutine of somebody else's code. By default that is the exit code 2,
// which promises that nothing was contacted. The process ends by SIGABRT instead (134 in a shell), and leaves no core
// file, which would hold credentials.
func abortOnCrash() {
	debug.SetTraceback("crash")
	leaveNoCore()
}

// complainOfPanic says in one line that the program has a fault, and with --log-level debug the stack.
func (a *app) complainOfPanic(p *panics.Error) {
	during := ""
	if a.runID != "" {
		during = " in run " + a.runID
	}
	fmt.Fprintf(a.stderr, "error: a fault of this program%s: %s; please report this line to its makers, with what --log-level debug adds\n", during, p)
	if a.flags.logLevel == "debug" {
		fmt.Fprintln(a.stderr, p.Stack())
	}
}
