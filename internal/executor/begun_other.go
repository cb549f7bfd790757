//go:build !linux

package executor

// ended is no time at which a process can have begun.
const ended = ""

// begunAt says that it can't be told when a process began.
func begunAt(int) (string, bool) { return "", false }
