package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/executor"
	"assetgraph/internal/panics"
	"assetgraph/internal/plaintext"
)

// The exit codes, as scripts rely on them.
const (
	exitDone       = 0
	exitFailed     = 1  // nothing, or not everything, could be written
	exitUsage      = 2  // usage or settings; nothing was contacted, or an instance points at another account and nothing of it was written
	exitIncomplete = 3  // done, but at least one step was incomplete
	exitWithheld   = 4  // done, but deletes were withheld
	exitOver       = 5  // report coverage: more machines lack something than --fail-over allows
	exitChanges    = 6  // plan --exit-code: a run would write something
	exitHeld       = 75 // another run holds the lease of an instance
)

const exitCodes = `Exit codes:
  0   done, everything complete
  1   failed: nothing, or not everything, could be written
  2   usage or settings; nothing was contacted. Also when an instance points at
      another account than the one in the graph: nothing of it was written
  3   done, but at least one step was incomplete: what was read has been written,
      nothing of an incomplete scope was deleted
  4   done, but deletes were withheld by the guard; the output names the approval id
  5   report coverage: more machines lack something than --fail-over allows
  6   plan --exit-code: a run would write something
  75  another run holds the lease of an instance
With --soft-exit a run or plan ends with 0 in place of 3, 4 or 75.`

// An outcome is an exit code whose reason has been printed already.
type outcome int

// Error exists because commands hand outcomes on as errors; it is never shown.
func (o outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

// A usageError is a mistake in flags, arguments or settings, found before anything was contacted.
type usageError struct {
	err  error
	hint string // what to do; may be empty
}

// Error names the mistake.
func (e *usageError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *usageError) Unwrap() error { return e.err }

func usagef(hint, format string, a ...any) error {
	return &usageError{err: fmt.Errorf(format, a...), hint: hint}
}

// A hintedError is a failure with what to do about it.
type hintedError struct {
	err  error
	hint string
}

// Error gives the failure.
func (e *hintedError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *hintedError) Unwrap() error { return e.err }

func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	if o, ok := errors.AsType[outcome](err); ok {
		return int(o)
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*graph.HeldError](err); ok {
		return exitHeld
	}
	return exitFailed
}

// outcomeOf returns what the report of a run or plan that met no error says of its end, as --soft-exit and --exit-code
// have it.
func (a *app) outcomeOf(r *executor.Report) error {
	for _, code := range exitCodesOf(r) {
		if !a.isSoft(code) {
			return outcome(code)
		}
	}
	t := r.Totals
	if a.flags.exitCode && t.Created+t.Updated+t.Refreshed+t.Deleted > 0 {
		return outcome(exitChanges)
	}
	return nil
}

// exitCodesOf returns the exit codes that apply to a run, the gravest first, none when it is complete.
func exitCodesOf(r *executor.Report) []int {
	switch r.Run.Status {
	case executor.StatusComplete:
		return nil
	case executor.StatusIncomplete:
		if slices.ContainsFunc(r.Withheld, isWithheldAnyway) {
			return []int{exitIncomplete, exitWithheld}
		}
		return []int{exitIncomplete}
	case executor.StatusWithheld:
		return []int{exitWithheld}
	}
	if refusedAlone(r) {
		return []int{exitUsage}
	}
	return []int{exitFailed}
}

// isWithheldAnyway reports whether deletes would have been withheld also if everything had been read to its end.
func isWithheldAnyway(w executor.Withheld) bool {
	return w.Approval != "" || strings.HasSuffix(w.Reason, executor.Pinned)
}

// refusedAlone reports whether the run failed only because instances point at other accounts: of each other one
// something was read.
func refusedAlone(r *executor.Report) bool {
	gave := map[string]bool{}
	for _, s := range r.Steps {
		gave[s.Instance] = gave[s.Instance] || s.Status == executor.StatusComplete ||
			s.Status == executor.StatusIncomplete
	}
	for _, refused := range r.Refused {
		delete(gave, refused.Instance)
	}
	for _, ok := range gave {
		if !ok {
			return false
		}
	}
	return len(r.Refused) > 0
}

// complain prints the error and its hint, unless it was printed already. Of a run whose logs are JSON nothing else is on
// stderr: there the last line has both.
func (a *app) complain(err error) {
	if _, printed := errors.AsType[outcome](err); err == nil || printed {
		return
	}
	if p := panics.Of(err); p != nil {
		a.complainOfPanic(p)
		return
	}
	if a.runID != "" && a.logs.form == jsonForm {
		return
	}
	text, hint := a.explained(err)
	fmt.Fprintf(a.stderr, "error: %s\n", text)
	if hint != "" {
		fmt.Fprintf(a.stderr, "hint: %s\n", hint)
	}
}

// explained returns what an error says, and what to do about it, "" where that is not known.
func (a *app) explained(err error) (text, hint string) {
	text = err.Error()
	if u, ok := errors.AsType[*usageError](err); ok {
		hint = u.hint
	}
	if h, ok := errors.AsType[*hintedError](err); ok {
		hint = h.hint
	}
	if held, ok := errors.AsType[*graph.HeldError](err); ok {
		text = held.Error()
		hint = "nothing was done; let the other run finish, or wait for it with --wait 10m. When there is no such run any more: " +
			a.again("locks", "break", "--instance", held.Instance)
	}
	if errors.Is(err, graph.ErrDamaged) {
		hint = "put back the file from a backup, or delete it and run again: all that it holds but the history of runs comes from the products"
	}
	return plaintext.Clip(strings.TrimSpace(text), 3*plaintext.Message), hint
}
