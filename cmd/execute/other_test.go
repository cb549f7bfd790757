//go:build !unix

package main

// child is not asked for: here processes are not ended by signals.
func child(string) {}

// selectShort chooses nothing: a short run is for the race detector, which runs elsewhere.
func selectShort() {}
