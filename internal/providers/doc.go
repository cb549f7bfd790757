// Package providers is the one list of everything that the program can read from: adding a provider is one folder in
// collectors, one in converters, and one line in All.
//
// It is the only package beside cmd/execute that imports the providers' packages.
package providers
