//go:build unix

package main

import (
	"flag"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// short are the tests of a short run, which is what the race detector gets: whole runs on both stores through every
// goroutine that the program starts, runs that end early in each way, and what is printed while they go on. The others
// look at what the same goroutines leave.
func short() []func(*testing.T) {
	return []func(*testing.T){
		TestBothStoresHoldTheSameGraph,    // collecting, comparing, applying, correlating, exporting
		TestAnswersAreTheSameOnBothStores, // reports and questions
		TestPanicIsOneLine,                // a panic in any goroutine
		TestRunThatTimesOutCallsNothingComplete,
		TestInterruptEndsARunCleanly,
		TestHeldLease, // waiting for the lock of another run
		TestWrongCredentialsCostOnlyTheirInstance,
		TestThrottlePageThatStaysIsNamed, // requests that are tried again
		TestProgressFollowsTheSize,       // the display beside the run
		TestEveryLogLineCarriesTheRun,
		TestCheckReadsTheWholeFile,
		TestAssistantThatGivesUpEndsItsQuestion,
		TestClear,
		TestViewFollowsTheGraph, // pages, what is read beside them, and runs
	}
}

// selectShort makes a short run that names no tests run those of short.
func selectShort() {
	flag.Parse()
	if !testing.Short() || flag.Lookup("test.run").Value.String() != "" {
		return
	}
	var names []string
	for _, test := range short() {
		_, name, _ := strings.Cut(runtime.FuncForPC(reflect.ValueOf(test).Pointer()).Name(), ".")
		names = append(names, name)
	}
	if err := flag.Set("test.run", "^("+strings.Join(names, "|")+")$"); err != nil {
		panic(err)
	}
}
