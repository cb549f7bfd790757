//go:build !unix

package main

// child is not asked for: elsewhere processes are not aborted by signals.
func child(string) {}
