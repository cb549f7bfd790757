//go:build unix

package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// usage returns the processor seconds and the peak of resident memory of a process that has ended.
func usage(cmd *exec.Cmd) (cpu, peakMiB float64) {
	state := cmd.ProcessState
	cpu = (state.UserTime() + state.SystemTime()).Seconds()
	if u, ok := state.SysUsage().(*syscall.Rusage); ok {
		peakMiB = float64(u.Maxrss) / 1024 // kilobytes (getrusage(2))
		if runtime.GOOS == "darwin" {
			peakMiB /= 1024 // bytes there
		}
	}
	return cpu, peakMiB
}
