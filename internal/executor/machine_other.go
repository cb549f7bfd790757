//go:build !linux && !darwin

package executor

// machine returns "": it can't be told which machine a process is of.
func machine() string { return "" }
