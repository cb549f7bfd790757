package neo4jserver

import "syscall"

// attributes detach the server from the terminal, so that an interrupt there does not reach it: whoever started it
// stops it. Unless it shall outlive its parent, the system stops it when the parent dies.
func attributes(detached bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setsid: true}
	if !detached {
		a.Pdeathsig = syscall.SIGKILL
	}
	return a
}
