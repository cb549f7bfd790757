package report

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"assetgraph/graph"
)

// A QueryError says why a text was not answered, and what may have been meant.
type QueryError struct {
	Err   error    // of the store
	Other bool     // the text is in another language than the graph's
	Near  []string // names that are like the one that nothing has
	lang  [2]Language
}

// Error names the cause.
func (e *QueryError) Error() string {
	switch {
	case e.Other:
		return fmt.Sprintf("query: the text is %s, but this graph is asked in %s", e.lang[0], e.lang[1])
	case len(e.Near) > 0:
		return fmt.Sprintf("query: %s; did you mean %s?", e.Err, List(e.Near))
	}
	return "query: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *QueryError) Unwrap() error { return e.Err }

// Misread looks at what may have been meant by a text that the store did not answer.
func Misread(err error, text string, s Source) *QueryError {
	out := &QueryError{Err: err}
	if l, ok := looksLike(text); ok && l != s.Language {
		out.Other, out.lang = true, [2]Language{l, s.Language}
		return out
	}
	const most = 3
	kind, name := unknownIn(err)
	switch kind {
	case "table":
		out.Near = Nearest(name, TypeNames(s.Schema))
	case "column":
		out.Near = Nearest(name, propertiesIn(text, s.Schema))
	}
	out.Near = out.Near[:min(most, len(out.Near))]
	return out
}

// looksLike returns the language that a text begins in, ok is false where that can't be told.
func looksLike(text string) (l Language, ok bool) {
	words := strings.Fields(strings.ToUpper(comments().ReplaceAllString(text, " ")))
	if len(words) == 0 {
		return 0, false
	}
	first, _, _ := strings.Cut(words[0], "(")
	switch first {
	case "SELECT", "VALUES":
		return SQL, true
	case "MATCH", "OPTIONAL", "UNWIND", "CALL", "RETURN", "SHOW", "PROFILE", "MERGE", "FOREACH", "LOAD":
		return Cypher, true
	case "WITH", "EXPLAIN":
		sql, cypher := slices.Index(words, "SELECT") > 0, slices.Index(words, "RETURN") > 0 ||
			slices.Index(words, "MATCH") > 0
		return map[bool]Language{true: SQL, false: Cypher}[sql], sql != cypher
	}
	return 0, false
}

func comments() *regexp.Regexp { return regexp.MustCompile(`(?s)--[^\n]*|//[^\n]*|/\*.*?\*/|[()]`) }

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

// UnknownNames returns the labels and properties of a Cypher text that no type has, each with one that is like it:
// there they are no error, they find nothing.
func UnknownNames(text string, schema *graph.Schema) (list []*UnknownError) {
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
				list = append(list, &UnknownError{Kind: kind.noun, Name: name, Near: Nearest(name, kind.names)[:1]})
			}
		}
	}
	return list
}

// TypeNames returns the names of all types, in the order of the schema.
func TypeNames(schema *graph.Schema) []string {
	list := make([]string, len(schema.Types()))
	for i, t := range schema.Types() {
		list[i] = t.Name
	}
	return list
}

// ChosenTypes returns the types that names or globs fit, nil for none of these. An *UnknownError names those that are
// like one that fits nothing.
func ChosenTypes(schema *graph.Schema, asked []string) (types []string, _ error) {
	names := TypeNames(schema)
	for _, a := range asked {
		n := len(types)
		for _, name := range names {
			if fits, err := path.Match(a, name); name == a || err == nil && fits {
				types = append(types, name)
			}
		}
		if len(types) == n {
			return nil, &UnknownError{Kind: "type", Name: a, Near: Nearest(a, names)}
		}
	}
	return types, nil
}
