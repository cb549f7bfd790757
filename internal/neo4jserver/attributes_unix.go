//go:build unix && !linux

package neo4jserver

import "syscall"

// attributes detach the server from the terminal. Only Linux can stop a child with its parent; elsewhere the next start
// in the same home cleans up.
func attributes(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
