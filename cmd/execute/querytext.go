package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/report"
)

// queryText returns the text of a query: the argument, what the file holds, or what comes on standard input, for which
// "-" stands and nothing at all where standard input is no terminal.
func (a *app) queryText(args []string, file string) (string, error) {
	switch {
	case len(args) > 0 && file != "":
		return "", usagef("", "the query is in --file %s or in the command line, not in both", file)
	case len(args) > 0 && args[0] != "-":
		return args[0], nil
	case file != "" && file != "-":
		f, err := os.Open(file)
		if err != nil {
			return "", usagef("", "--file: %w", err)
		}
		defer func() { _ = f.Close() }() // it was only read
		return textFrom(f, file)
	case len(args) == 0 && file == "" && a.isTerminal(a.stdin):
		return "", usagef("see "+a.program+" query --help", "the text of the query is missing")
	}
	return textFrom(a.stdin, "standard input")
}

func textFrom(r io.Reader, name string) (string, error) {
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return "", usagef("", "read the query from %s: %w", name, err)
	case len(text) > most:
		return "", usagef("", "%s holds more than 1 MB: that is no query", name)
	case strings.TrimSpace(string(text)) == "":
		return "", usagef("", "the text of the query is missing: %s holds nothing", name)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// queryError says what may have been meant.
func (a *app) queryError(ctx context.Context, err error, text string, s report.Source) error {
	if ctx.Err() != nil {
		return &hintedError{
			err: fmt.Errorf("query: %w", context.Cause(ctx)), hint: "--timeout 30m allows a longer time",
		}
	}
	misread := report.Misread(err, text, s)
	if !misread.Other {
		return &hintedError{err: misread, hint: a.again("schema") + " names the types and their properties"}
	}
	return &hintedError{err: misread, hint: map[report.Language]string{
		report.SQL:    "the embedded graph has one view for each _type, such as select name from device; for Cypher name a Neo4j with --graph",
		report.Cypher: "in Cypher that is such as MATCH (d:device) RETURN d.name; for SQL name a file with --graph sqlite:FILE",
	}[s.Language]}
}

// noteUnknown names labels and properties in Cypher that no type has: there they are no error, they find nothing.
func (a *app) noteUnknown(text string, schema *graph.Schema) {
	for _, unknown := range report.UnknownNames(text, schema) {
		fmt.Fprintf(a.stderr, "note: of assetgraph %s\n", singleLine(unknown.Error()))
	}
}
