package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
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

// looksLike returns the language that a text begins in, ok is false where that can't be told.
func looksLike(text string) (l report.Language, ok bool) {
	words := strings.Fields(strings.ToUpper(comments().ReplaceAllString(text, " ")))
	if len(words) == 0 {
		return 0, false
	}
	first, _, _ := strings.Cut(words[0], "(")
	switch first {
	case "SELECT", "VALUES":
		return report.SQL, true
	case "MATCH", "OPTIONAL", "UNWIND", "CALL", "RETURN", "SHOW", "PROFILE", "MERGE", "FOREACH", "LOAD":
		return report.Cypher, true
	case "WITH", "EXPLAIN":
		sql, cypher := slices.Index(words, "SELECT") > 0, slices.Index(words, "RETURN") > 0 ||
			slices.Index(words, "MATCH") > 0
		return map[bool]report.Language{true: report.SQL, false: report.Cypher}[sql], sql != cypher
	}
	return 0, false
}

func comments() *regexp.Regexp { return regexp.MustCompile(`(?s)--[^\n]*|//[^\n]*|/\*.*?\*/|[()]`) }

// queryError says what may have been meant.
func (a *app) queryError(ctx context.Context, err error, text string, s report.Source) error {
	if ctx.Err() != nil {
		return &hintedError{
			err: fmt.Errorf("query: %w", context.Cause(ctx)), hint: "--timeout 30m allows a longer time",
		}
	}
	hint := a.again("schema") + " names the types and their properties"
	if l, ok := looksLike(text); ok && l != s.Language {
		return &hintedError{err: fmt.Errorf("query: the text is %s, but this graph is asked in %s", l, s.Language),
			hint: map[report.Language]string{
				report.SQL:    "the embedded graph has one view for each _type, such as select name from device; for Cypher name a Neo4j with --graph",
				report.Cypher: "in Cypher that is such as MATCH (d:device) RETURN d.name; for SQL name a file with --graph sqlite:FILE",
			}[s.Language]}
	}
	const most = 3
	kind, name := unknownIn(err)
	var names []string
	switch kind {
	case "table":
		names = typeNames(s.Schema)
	case "column":
		names = propertiesIn(text, s.Schema)
	default:
		return &hintedError{err: fmt.Errorf("query: %w", err), hint: hint}
	}
	near := report.Nearest(name, names)
	return &hintedError{
		err: fmt.Errorf("query: %w; did you mean %s?", err, report.List(near[:min(most, len(near))])), hint: hint,
	}
}

// unknownIn returns what a graph does not know, by the error of the query.
func unknownIn(err error) (kind, name string) {
	m := regexp.MustCompile(`no such (table|column): (\S+)`).FindStringSubmatch(err.Error())
	if m == nil {
		return "", ""
	}
	return m[1], m[2][strings.LastIndexByte(m[2], '.')+1:]
}

// propertiesIn returns the names of the properties of the types that a text names, of all types when it names none.
func propertiesIn(text string, schema *graph.Schema) []string {
	words := regexp.MustCompile(`\w+`).FindAllString(strings.ToLower(text), -1)
	var named, all []string
	for _, t := range schema.Types() {
		names := []string{"_key", "_type", "_class", "_integration", "_instance", "_digest", "_createdOn", "_updatedOn"}
		if t.IsRelationship() {
			names = append(names, "_from", "_to")
		}
		for _, p := range t.Properties {
			names = append(names, p.Name)
		}
		all = append(all, names...)
		if slices.Contains(words, strings.ToLower(t.Name)) {
			named = append(named, names...)
		}
	}
	if len(named) > 0 {
		return named
	}
	return all
}

// noteUnknown names labels and properties in Cypher that no type has: there they are no error, they find nothing.
func (a *app) noteUnknown(text string, schema *graph.Schema) {
	text = regexp.MustCompile(`(?s)'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`).ReplaceAllString(text, "''")
	labels := []string{"Entity"}
	for _, t := range schema.Types() {
		if t.IsRelationship() {
			labels = append(labels, t.Verb)
		} else {
			labels = append(append(labels, t.Name), t.Classes...)
		}
	}
	for _, kind := range []struct {
		noun, pattern string
		names         []string
	}{
		{"label", `[\w(\[)]:([A-Za-z_]\w*)`, labels},
		{"property", `[A-Za-z_]\w*\.([A-Za-z_]\w*)\b[^(]`, propertiesIn("", schema)},
	} {
		var said []string
		for _, m := range regexp.MustCompile(kind.pattern).FindAllStringSubmatch(text+" ", -1) {
			if name := m[1]; !slices.Contains(kind.names, name) && !slices.Contains(said, name) {
				said = append(said, name)
				unknown := &report.UnknownError{Kind: kind.noun, Name: name, Near: report.Nearest(name, kind.names)[:1]}
				fmt.Fprintf(a.stderr, "note: of assetgraph %s\n", singleLine(unknown.Error()))
			}
		}
	}
}
