//go:build unix

package main

import "syscall"

// leaveNoCore keeps the process from leaving its memory in a file when it aborts. Where that is refused the system's
// own setting stands.
func leaveNoCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
