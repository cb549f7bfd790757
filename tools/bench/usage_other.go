//go:build !unix

package main

import "os/exec"

// usage returns the processor seconds of a process that has ended. How much memory it had is not known here.
func usage(cmd *exec.Cmd) (cpu, peakMiB float64) {
	state := cmd.ProcessState
	return (state.UserTime() + state.SystemTime()).Seconds(), 0
}
