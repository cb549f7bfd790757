package report

import (
	"slices"
	"strings"
	"time"

	"assetgraph/converters"
	"assetgraph/graph"
)

// A Model says what the entities of a type are to reports, and which tools machines should have.
type Model interface {
	// Tools returns the tools in the order in which reports show them.
	Tools() []*converters.Tool

	// Role returns what the entities of a type are, nil for those that are nothing to reports.
	Role(typ string) *converters.Role
}

// sighting sums up the records of one tool's products of one machine: how many there are in each state, and when the
// last of them was seen, in epoch milliseconds; a million machines have one for each tool.
type sighting struct {
	has    bool // the graph says that the machine has the tool
	count  [states]int32
	newest [states]int64
}

// states is how many states of a record there are.
const states = converters.Gone + 1

func (s *sighting) add(st converters.State, lastSeen time.Time) {
	s.count[st]++
	if !lastSeen.IsZero() {
		s.newest[st] = max(s.newest[st], lastSeen.UnixMilli())
	}
}

// last returns when a record in that state was last seen, the zero time where it is not known.
func (s *sighting) last(st converters.State) time.Time {
	if s.newest[st] == 0 {
		return time.Time{}
	}
	return time.UnixMilli(s.newest[st]).UTC()
}

// A recordType is a type of records of machines.
type recordType struct {
	*converters.Machine
	t    *graph.Type
	link *graph.Type // the relationship from such a record to its machine
	tool int         // index in Model.Tools
}

// recordTypes returns the types of records that machines have, in the order of the schema.
func (s Source) recordTypes() (list []recordType) {
	tools := s.Model.Tools()
	for _, link := range s.linksTo("device") {
		m := s.Model.Role(link.From).Machine
		tool := slices.IndexFunc(tools, func(t *converters.Tool) bool { return t.Name == m.Tool.Name })
		list = append(list, recordType{Machine: m, t: s.Schema.Type(link.From), link: link, tool: tool})
	}
	return list
}

// A recordReader reads what reports need of the records of one type.
type recordReader struct {
	recordType
	names   []string       // of the properties; the first is the display name
	reads   []place        // those that State looks at
	kinds   []int          // places of those that sort machines
	seen    int            // place of when the machine was last heard of; -1 for none
	tags    int            // place of the tags; -1 for none
	element *graph.Element // is made of one row after the other
}

type place struct {
	field graph.Field
	at    int
}

func (r recordType) reader() *recordReader {
	out := &recordReader{recordType: r, names: []string{"displayName"}, element: graph.NewEntity(r.t, "report", "row")}
	at := func(f graph.Field) int {
		if f.IsZero() {
			return -1
		}
		name := f.Property().Name
		if i := slices.Index(out.names, name); i >= 0 {
			return i
		}
		out.names = append(out.names, name)
		return len(out.names) - 1
	}
	for _, f := range r.Reads {
		out.reads = append(out.reads, place{f, at(f)})
	}
	for _, f := range r.Kinds {
		out.kinds = append(out.kinds, at(f))
	}
	out.seen, out.tags = at(r.LastSeen), at(r.Tags)
	return out
}

// state returns where the record of a row stands. An element holds nothing but what State looks at.
func (r *recordReader) state(row []any) converters.State {
	for _, p := range r.reads {
		p.field.Set(r.element, valueOf(p.field.Property().Kind, row[p.at]))
	}
	return r.State(r.element)
}

// lastSeen returns when the machine of a row was last heard of, the zero time where that is not known.
func (r *recordReader) lastSeen(row []any) time.Time {
	if r.seen < 0 {
		return time.Time{}
	}
	return timeOf(row[r.seen])
}

// excluded reports whether the record of a row is one of a machine that is left out.
func (r *recordReader) excluded(x excludes, row []any) bool {
	for _, at := range r.kinds {
		if x.match(inType, textsOf(row[at])...) {
			return true
		}
	}
	return x.match(inName, textOf(row[0])) || r.tags >= 0 && x.matchTags(listOf(row[r.tags]))
}

// article returns a noun with its article.
func article(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
