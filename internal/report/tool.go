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

// sighting sums up the records of one tool's products of one machine: in which states there are some, and when the last
// of them was seen, in epoch milliseconds; a million machines have one for each tool.
type sighting struct {
	has     bool     // the graph says that the machine has the tool
	works   bool     // and that the tool does its work there
	states  uint8    // set of the states of which there is a record
	failing *failing // why it may not; nil where neither the device nor a record says anything of the kind
	newest  [states]int64
}

// states is how many states of a record there are.
const states = converters.Gone + 1

func (s *sighting) add(st converters.State, lastSeen time.Time) {
	s.states |= 1 << st
	if !lastSeen.IsZero() {
		s.newest[st] = max(s.newest[st], lastSeen.UnixMilli())
	}
}

// any reports whether there is a record in that state.
func (s *sighting) any(st converters.State) bool { return s.states>>st&1 == 1 }

// last returns when a record in that state was last seen, the zero time where it is not known.
func (s *sighting) last(st converters.State) time.Time { return timeOf(s.newest[st]) }

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

// properties returns what reports need of the records of a type.
func (r recordType) properties(x excludes, marks ...excludes) []string {
	x = slices.Concat(append(marks, x)...)
	fields := append(slices.Clone(r.Reads), r.LastSeen)
	if x.wants(inType) {
		fields = append(fields, r.Kinds...)
	}
	if x.wants(inTag) {
		fields = append(fields, r.Tags)
	}
	names := []string{}
	if x.wants(inName) {
		names = append(names, "displayName")
	}
	for _, f := range fields {
		if !f.IsZero() && !slices.Contains(names, f.Property().Name) {
			names = append(names, f.Property().Name)
		}
	}
	return names
}

// excluded reports whether a record is one of a machine that is left out.
func (r recordType) excluded(x excludes, e *graph.Element) bool {
	for _, f := range r.Kinds {
		if x.match(inType, textsIn(f.Get(e))...) {
			return true
		}
	}
	return x.match(inName, e.Get("displayName").Text()) || x.matchTags(r.Tags.Get(e).List())
}

// marks returns the lists that fit a record.
func (r recordType) marks(lists []excludes, e *graph.Element) (fitting []uint16) {
	for i, x := range lists {
		if r.excluded(x, e) {
			fitting = append(fitting, uint16(i))
		}
	}
	return fitting
}

// article returns a noun with its article.
func article(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
