package executor

import (
	"encoding/json"
	"slices"
	"strings"

	"assetgraph/collectors"
	"assetgraph/differ"
)

// A reader is with which credentials an instance is read, and to which customers that is narrowed. The zero reader is
// one that can't be told.
type reader struct {
	credentials string
	filter      collectors.Filter
}

// String is the reader as the record of a run keeps it: the credentials, and on a second line the filter.
func (r reader) String() string {
	if len(r.filter) == 0 {
		return r.credentials
	}
	filter, err := json.Marshal(r.filter)
	if err != nil {
		panic(err) // texts in a map
	}
	return r.credentials + "\n" + string(filter)
}

// parseReader reads what String wrote. A filter that can't be read narrows nothing: then more is taken to have been read.
func parseReader(text string) (r reader) {
	credentials, filter, narrow := strings.Cut(text, "\n")
	r.credentials = credentials
	if narrow && json.Unmarshal([]byte(filter), &r.filter) != nil {
		r.filter = nil
	}
	return r
}

// isOther reports whether the credentials are known to be others than before.
func (r reader) isOther(before reader) bool {
	return r.credentials != "" && before.credentials != "" && r.credentials != before.credentials
}

// reader returns who has read what the graph holds of an instance; ok is false where it holds nothing.
func (p past) reader(instance string) (before reader, ok bool) {
	return parseReader(p.readers[instance]), p.census.holds(instance)
}

// narrows reports whether the reader reads less of an instance than what the graph may hold of it: of customers whom its
// filter leaves out nobody can tell that they are gone.
func (p past) narrows(instance string, now reader) bool {
	before, held := p.reader(instance)
	return held && !now.filter.Covers(before.filter)
}

// settle returns who is to be known to have read what the graph holds of a source from now on: whoever did before, too,
// as long as not all of that was read or is let go.
func (p past) settle(s *source) reader {
	now := s.reading.reader
	before, held := p.reader(s.instance.Name)
	if !held {
		return now
	}
	if before.credentials != "" && unsettled(s.compared.plan) {
		now.credentials = before.credentials
	}
	if unfiltered(s) {
		now.filter = now.filter.With(before.filter)
	}
	return now
}

// unsettled reports whether something of what the graph holds was not read, or is withheld: then what the graph holds is not yet
// what these credentials see.
func unsettled(p *differ.Plan) bool {
	return slices.ContainsFunc(p.Scopes, func(sp *differ.ScopePlan) bool {
		return !sp.Complete && sp.Population > 0 || len(sp.Kept("")) > len(sp.Kept(Pinned))
	})
}

// unfiltered reports whether the graph may hold more than the filter leaves. What people leave out for good, or the
// provider does not give, has no say: it would never end.
func unfiltered(s *source) bool {
	for _, d := range desired(s.instance, s.reading.steps) {
		if !d.Complete && !strings.HasSuffix(d.Why, byChoice) && !strings.HasSuffix(d.Why, notAvailable) {
			return true
		}
	}
	return slices.ContainsFunc(s.compared.plan.Scopes, func(sp *differ.ScopePlan) bool {
		kept, _ := withheld([]Instance{*s.instance}, sp)
		return slices.ContainsFunc(kept, func(w differ.Withheld) bool { return w.Reason != Pinned })
	})
}
