// Package panics turns a panic into an error, in whichever goroutine it happens: the Go runtime would end the process
// with the code 2, which scripts take for "nothing was contacted", and leave no run record.
//
// Every goroutine of the program begins with Catch, or is started by a Group; internal/architecture sees to it.
package panics

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// An Error is a panic that was caught: a fault of the program.
type Error struct {
	what  string
	where string
	stack []byte
}

// Error says what happened and where. It holds no data: of a value that the program panicked with it names the type
// alone.
func (e *Error) Error() string { return e.what + " in " + e.where }

// Stack returns the goroutine's stack: functions, lines and addresses, no data.
func (e *Error) Stack() string { return string(e.stack) }

// Of returns the panic that err comes from, nil when it comes from none.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// Catch makes a panic of the calling function its error. It is to be deferred:
//
//	defer panics.Catch(&err)
func Catch(err *error) {
	if v := recover(); v != nil {
		*err = errorOf(v)
	}
}

// Do calls f and returns its error, or its panic as one.
func Do(f func() error) (err error) {
	defer Catch(&err)
	return f()
}

// A Group is a sync.WaitGroup whose Wait panics with the first panic of its goroutines.
type Group struct {
	wait  sync.WaitGroup
	mu    sync.Mutex
	first error
}

// Go calls f in a new goroutine.
func (g *Group) Go(f func()) {
	g.wait.Go(func() {
		if err := Do(func() error { f(); return nil }); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.first == nil {
				g.first = err
			}
		}
	})
}

// Wait waits until all goroutines have ended.
func (g *Group) Wait() {
	g.wait.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.first != nil {
		panic(g.first)
	}
}

// errorOf is called by the deferred function that has recovered v.
func errorOf(v any) error {
	if err, ok := v.(error); ok {
		if caught := Of(err); caught != nil {
			return err // of another goroutine, handed on
		}
	}
	e := &Error{what: fmt.Sprintf("panic with a %T", v), where: "an unknown place", stack: debug.Stack()}
	if fault, ok := v.(runtime.Error); ok {
		e.what = fault.Error() // figures and types
	}
	if f, ok := origin(); ok {
		e.where = fmt.Sprintf("%s (%s:%d)", strings.TrimPrefix(f.Function, "assetgraph/"), filepath.Base(f.File),
			f.Line)
	}
	return e
}

// origin returns the frame that panicked: the first below the runtime's.
func origin() (runtime.Frame, bool) {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for inPanic := false; ; {
		f, more := frames.Next()
		switch ofRuntime := strings.HasPrefix(f.Function, "runtime."); {
		case f.Function == "runtime.gopanic":
			inPanic = true
		case inPanic && !ofRuntime && f.Function != "":
			return f, true
		}
		if !more {
			return runtime.Frame{}, false
		}
	}
}
