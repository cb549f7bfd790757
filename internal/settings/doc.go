// Package settings is what people set outside the command line: the declaration of each variable, the file that may
// hold them, and what becomes of the ones that say where the graph lies.
//
// It imports nothing of the project. Packages providers and cmd/execute read variables through it; tools/docs writes
// the documentation from its declarations.
package settings
