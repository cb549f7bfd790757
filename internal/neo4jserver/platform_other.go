//go:build !unix

package neo4jserver

import (
	"os"
	"syscall"
)

func supported() bool { return false }

// Lock does nothing: no server is started here.
func Lock(string) (unlock func(), err error) { return func() {}, nil }

func terminate(p *os.Process) error { return p.Kill() }

func runs(int, string) bool { return false }

func attributes(bool) *syscall.SysProcAttr { return nil }
