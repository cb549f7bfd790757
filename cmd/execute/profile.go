package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/pflag"
)

// profiles are the files into which a command is profiled, "" for none. docs/performance.md shows how to read them.
type profiles struct {
	cpu, memory, trace string
}

func (p *profiles) addFlags(f *pflag.FlagSet) {
	f.StringVar(&p.cpu, "cpuprofile", "", "`file` for a CPU profile of the command")
	f.StringVar(&p.memory, "memprofile", "",
		"`file` for a profile of all allocations of the command and of what is live at its end")
	f.StringVar(&p.trace, "trace", "", "`file` for an execution trace of the command")
	for _, name := range []string{"cpuprofile", "memprofile", "trace"} {
		_ = f.MarkHidden(name) // fails for an unknown name alone
	}
}

// start begins what is asked for; stop ends it and writes the rest.
func (p *profiles) start() (stop func() error, err error) {
	var ends []func() error
	stop = func() error {
		var errs []error
		for _, end := range ends {
			errs = append(errs, end())
		}
		return errors.Join(errs...)
	}
	for _, one := range []struct {
		flag, file string
		begin      func(*os.File) error
		end        func(*os.File) error
	}{
		{
			"--cpuprofile", p.cpu, func(f *os.File) error { return pprof.StartCPUProfile(f) },
			func(*os.File) error { pprof.StopCPUProfile(); return nil },
		},
		{
			"--trace", p.trace, func(f *os.File) error { return trace.Start(f) },
			func(*os.File) error { trace.Stop(); return nil },
		},
		{"--memprofile", p.memory, func(*os.File) error { return nil }, writeAllocations},
	} {
		if one.file == "" {
			continue
		}
		f, err := os.Create(one.file)
		if err == nil {
			err = one.begin(f)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", one.flag, err), stop())
		}
		ends = append(ends, func() error { return errors.Join(one.end(f), f.Close()) })
	}
	return stop, nil
}

func writeAllocations(f *os.File) error {
	runtime.GC() // what is live is known after a collection
	return pprof.Lookup("allocs").WriteTo(f, 0)
}
