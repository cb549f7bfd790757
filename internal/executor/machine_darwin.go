package executor

import "syscall"

// machine returns what all processes of a machine have in common, from when it starts until it is shut down. It is ""
// where that can't be told.
func machine() string {
	session, err := syscall.Sysctl("kern.bootsessionuuid")
	if err != nil || session == "" {
		return ""
	}
	return shortDigest([]byte(session))
}
