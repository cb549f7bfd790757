package neo4j

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"assetgraph/graph"
)

// Names of the full-text index and of how it takes texts apart.
//
// What it does with a long text decided: a range index refuses a text of 8 kB, a text index one of 32 kB, each with the
// whole transaction, and a full-text index with the analyzer "keyword" one of 32 kB in a way that leaves the database
// unusable. Providers send what they like. This analyzer makes words of what stands between white space, and of a long
// word words of 255 characters.
const (
	searchIndex    = "assetgraph_search"
	searchAnalyzer = "unicode_whitespace"
)

// Search implements graph.Reader, by the full-text index where there is one over the properties, else by a look at every
// entity of the types.
func (s *Store) Search(ctx context.Context, q graph.Search) iter.Seq2[graph.Key, error] {
	return func(yield func(graph.Key, error) bool) {
		found := s.scan(ctx, q) // also for a user who may not see indexes
		if state, indexed, err := s.indexed(ctx); err == nil && state == "ONLINE" && containsAll(indexed, q.Properties) {
			found = s.lookUp(ctx, q)
		}
		for key, err := range found {
			if err != nil {
				yield("", fmt.Errorf("neo4j: search: %w", err))
				return
			}
			if !yield(key, nil) {
				return
			}
		}
	}
}

// scan looks at the properties of all entities.
func (s *Store) scan(ctx context.Context, q graph.Search) iter.Seq2[graph.Key, error] {
	return func(yield func(graph.Key, error) bool) {
		for _, t := range q.Types {
			for e, err := range s.Elements(ctx, graph.Selection{Type: t, Properties: q.Properties}) {
				if err != nil {
					yield("", err)
					return
				}
				for _, v := range e.Values() {
					if (q.Holds(v.Text()) || slices.ContainsFunc(v.List(), q.Holds)) && !yield(e.Key, nil) {
						return
					}
				}
			}
		}
	}
}

// lookUp asks the index, which knows no more than words, and looks at what it finds.
func (s *Store) lookUp(ctx context.Context, q graph.Search) iter.Seq2[graph.Key, error] {
	return func(yield func(graph.Key, error) bool) {
		rows, err := s.list(ctx, "UNWIND $queries AS query CALL db.index.fulltext.queryNodes('"+searchIndex+
			"', query) YIELD node AS x WITH DISTINCT x RETURN collect([x._key, [p IN $properties | x[p]]])",
			map[string]any{"queries": queries(q), "properties": q.Properties})
		if err != nil {
			yield("", err)
			return
		}
		for _, row := range rows {
			values, _ := row.([]any)[1].([]any)
			if key := keyOf(row); q.Wants(key) && slices.ContainsFunc(values, func(v any) bool { return holds(q, v) }) && !yield(key, nil) {
				return
			}
		}
	}
}

func containsAll(list, names []string) bool {
	lacks := func(name string) bool { return !slices.Contains(list, name) }
	return !slices.ContainsFunc(names, lacks)
}

// holds reports whether a property, a text or a list of texts, holds one of the parts.
func holds(q graph.Search, v any) bool {
	switch v := v.(type) {
	case string:
		return q.Holds(v)
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return holds(q, one) })
	}
	return false
}

// ignored stands, in Lucene's regular expressions, for what does not count.
const ignored = "[^a-zA-Z0-9]*"

func symbol(c byte) string {
	if c >= 'a' && c <= 'z' {
		return "[" + string(c) + string(c-'a'+'A') + "]"
	}
	return string(c)
}

// symbols returns an expression for the text with whatever does not count around and between its characters.
func symbols(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteString(ignored + symbol(text[i]))
	}
	return b.String() + ignored
}

// open returns the expression for a text that may go on before or behind what it matches.
func open(p graph.Part, expression string) string {
	if !p.Begins {
		expression = ".*" + expression
	}
	if !p.Ends {
		expression += ".*"
	}
	return expression
}

const (
	// queryParts is how many parts one query looks for: Lucene takes 1024 clauses, and a part has three for each property.
	queryParts = 16

	// partLength is how much of a part is looked for: Lucene bounds how complicated an expression may be.
	partLength = 20

	// edge is how much of a part's beginning and of its end is looked for where they may be in words of their own. With
	// six characters of a host name of thirteen the server takes half the time that it takes with all.
	edge = 6
)

// queries returns queries of the index that find whatever holds a part, and little else.
//
// The index knows words alone. A part is in one word; or it begins in one, which ends with the part's beginning, and
// ends in another of the same property, which begins with the part's end. Both may be the same word: where a text is all
// of a part, or the part is long enough, one that holds it in one word needs no expression of its own. Making the
// expressions is most of the work, for each property anew, and takes the server half a millisecond each.
func queries(q graph.Search) (list []string) {
	for parts := range slices.Chunk(q.Parts, queryParts) {
		var clauses []string
		for _, p := range parts {
			if len(p.Text) > partLength {
				p.Text, p.Ends = p.Text[:partLength], false
			}
			names := p.Properties
			if names == nil {
				names = q.Properties
			}
			first := open(graph.Part{Begins: p.Begins, Ends: true}, ignored+beginnings(p.Text)+ignored)
			last := open(graph.Part{Begins: true, Ends: p.Ends}, ignored+ends(p.Text)+ignored)
			expression := fmt.Sprintf("(+/%s/ +/%s/)", first, last)
			if (!p.Begins || !p.Ends) && len(p.Text) <= edge {
				expression = fmt.Sprintf("(/%s/ %s)", open(p, symbols(p.Text)), expression)
			}
			for _, name := range names {
				clauses = append(clauses, name+":"+expression)
			}
		}
		list = append(list, strings.Join(clauses, " "))
	}
	return list
}

// beginnings returns an expression for what the text begins with: at least one character, and whatever follows so many.
func beginnings(text string) string {
	expression := ""
	if len(text) > edge {
		text, expression = text[:edge], ".*"
	}
	for i := len(text) - 1; i > 0; i-- {
		expression = "(" + ignored + symbol(text[i]) + expression + ")?"
	}
	return symbol(text[0]) + expression
}

// ends returns an expression for what the text ends with: at least one character, and whatever is before so many.
func ends(text string) string {
	expression := ""
	if len(text) > edge {
		text, expression = text[len(text)-edge:], ".*"
	}
	for i := range len(text) - 1 {
		expression = "(" + expression + symbol(text[i]) + ignored + ")?"
	}
	return expression + symbol(text[len(text)-1])
}

// indexed returns the state of the full-text index, "" when there is none, and the properties that it is over.
func (s *Store) indexed(ctx context.Context) (state string, properties []string, err error) {
	found, err := s.read(ctx, "SHOW FULLTEXT INDEXES YIELD name, state, properties WHERE name = $name "+
		"RETURN state, properties", map[string]any{"name": searchIndex})
	if err != nil || len(found) == 0 {
		return "", nil, err
	}
	state, _ = found[0].Values[0].(string)
	list, _ := found[0].Values[1].([]any)
	for _, v := range list {
		name, _ := v.(string)
		properties = append(properties, name)
	}
	return state, properties, nil
}

// index makes the full-text index unless it is there. The server fills it by and by, while others read and write; that
// takes a fraction of what a first load would take longer if each of its transactions kept it up to date.
func (s *Store) index(ctx context.Context) error {
	wanted := s.config.Searched
	if s.config.ReadOnly || len(wanted) == 0 {
		return nil
	}
	state, properties, err := s.indexed(ctx)
	if err != nil || state != "" && containsAll(properties, wanted) {
		return err
	}
	if state != "" {
		if err := s.schemaCommand(ctx, "DROP INDEX "+searchIndex+" IF EXISTS"); err != nil {
			return err
		}
	}
	quoted := make([]string, len(wanted))
	for i, name := range wanted {
		quoted[i] = "x." + quote(name)
	}
	return s.schemaCommand(ctx, "CREATE FULLTEXT INDEX "+searchIndex+" IF NOT EXISTS FOR (x:"+entityLabel+") ON EACH ["+
		strings.Join(quoted, ", ")+"] OPTIONS {indexConfig: {`fulltext.analyzer`: '"+searchAnalyzer+"'}}")
}
