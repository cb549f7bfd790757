//go:build !unix

package neo4jserver

import (
	"os"
	"syscall"
)

func supported() bool { return false }

func lock(string) (unlock func(), err error) { return func() {}, nil }

func terminate(p *os.Process) error { return p.Kill() }

func runs(int, string) bool { return false }

func attributes(bool) *syscall.SysProcAttr { return nil }
