package correlate

import (
	"cmp"
	"slices"

	"assetgraph/graph"
)

// maxExamples is how many examples of each finding are kept.
const maxExamples = 20

// Findings say what Resolve met. Counts are complete, lists hold examples, the same ones whatever the order of the
// input. Complete findings may be kept as JSON and are the same when they are read back.
type Findings struct {
	Records       int `json:"records,omitzero"` // machine records
	Devices       int `json:"devices,omitzero"`
	Organizations int `json:"organizations,omitzero"`
	Persons       int `json:"persons,omitzero"`
	NoMachines    int `json:"noMachines,omitzero"` // records of what is no machine: network gear, monitors, containers
	NoEmail       int `json:"noEmail,omitzero"`    // records of humans without an e-mail address

	Duplicates    int                 `json:"duplicates,omitzero"`    // records beyond the first of one product for one machine
	Merged        int                 `json:"merged,omitzero"`        // entities that took over the records of several of the last run
	Split         int                 `json:"split,omitzero"`         // keys of the last run whose records went to several entities
	Keys          []KeyChange         `json:"keys,omitempty"`         // examples of both
	Moved         int                 `json:"moved,omitzero"`         // records that went from one entity of the last run to another, both of which go on
	Moves         []Move              `json:"moves,omitempty"`        // examples of them
	Unlinked      map[string]int      `json:"unlinked,omitempty"`     // pairs that agree in something and were not linked, by reason
	Candidates    []Candidate         `json:"candidates,omitempty"`   // examples of them
	Disagreements int                 `json:"disagreements,omitzero"` // devices whose products name different customers
	Disagreeing   []Disagreement      `json:"disagreeing,omitempty"`  // examples of them
	Customers     []CustomerCandidate `json:"customers,omitempty"`    // customers that could have matched and were not linked

	Shared      int       `json:"shared,omitzero"`      // identifiers that more machines show than can be one: those that were left out, and others
	Sharing     []Sharing `json:"sharing,omitempty"`    // examples of them, those of the most records
	JunkSerials int       `json:"junkSerials,omitzero"` // serial numbers dropped because too many machines or customers have them
	JunkMACs    int       `json:"junkMacs,omitzero"`    // addresses dropped because too many machines have them
	Unmatched   []string  `json:"unmatched,omitempty"`  // entries of the overrides that named nothing
	Ambiguous   []string  `json:"ambiguous,omitempty"`  // names in the overrides that records of several instances have, so that nothing is decided by them
}

// Lasting returns the findings without those that tell of a change, Merged, Split, Moved and their examples: what a
// later run would find again from the same records.
func (f Findings) Lasting() Findings {
	f.Merged, f.Split, f.Keys, f.Moved, f.Moves = 0, 0, nil, 0, nil
	return f
}

// A KeyChange is what became of keys of the last run.
type KeyChange struct {
	Type   string   `json:"type"`            // device, organization or person
	Merged bool     `json:"merged,omitzero"` // else split
	Keys   []string `json:"keys"`
	Parts  int      `json:"parts"` // how many entities share the records of a split one
}

// A Move is a record that went from one entity to another, or one of several that went together.
type Move struct {
	Type   string    `json:"type"`            // device, organization or person
	Record graph.Key `json:"record,omitzero"` // of machine records
	From   graph.Key `json:"from"`
	To     graph.Key `json:"to"`
	Copies bool      `json:"copies,omitzero"` // both machines show its serial number or the id that links name, as copies of one machine do

	record, from uint32
	tie          uint64
}

// A Candidate is a pair of records that agree in something and are not the same machine.
type Candidate struct {
	A      graph.Key `json:"a"`
	B      graph.Key `json:"b"`
	Method string    `json:"method"` // what would have linked them
	Reason string    `json:"reason"`

	a, b uint32 // until the keys are known
	tie  uint64
}

// A Disagreement is a device whose products name different customers.
type Disagreement struct {
	Device        graph.Key `json:"device"`
	Organization  string    `json:"organization"`  // the one that the device is given
	Organizations []string  `json:"organizations"` // all, sorted
}

// A CustomerCandidate is a customer that was not linked.
type CustomerCandidate struct {
	Customer graph.Key `json:"customer"`
	With     graph.Key `json:"with,omitzero"` // "" for none in particular
	Reason   string    `json:"reason"`
}

// Findings returns what Resolve met. It is complete when Resolve's stream has ended.
func (c *Correlator) Findings() Findings { return c.findings }

func (f *Findings) dropped(kind uint8) {
	switch kind {
	case kindSerial:
		f.JunkSerials++
	case kindMAC:
		f.JunkMACs++
	}
}

func (f *Findings) merged(kind string, keys []string) {
	f.Merged++
	f.change(KeyChange{Type: kind, Merged: true, Keys: keys, Parts: 1})
}

func (f *Findings) split(kind, key string, parts int) {
	f.Split++
	f.change(KeyChange{Type: kind, Keys: []string{key}, Parts: parts})
}

func (f *Findings) moved(m Move, records int) {
	f.Moved += records
	f.Moves = append(f.Moves, m)
	if len(f.Moves) >= 2*maxExamples {
		f.trimMoves()
	}
}

func (f *Findings) trimMoves() {
	slices.SortFunc(f.Moves,
		func(a, b Move) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.tie, b.tie)) })
	f.Moves = f.Moves[:min(len(f.Moves), maxExamples)]
}

func (f *Findings) change(k KeyChange) {
	f.Keys = append(f.Keys, k)
	if len(f.Keys) >= 2*maxExamples {
		f.trimKeys()
	}
}

func (f *Findings) trimKeys() {
	slices.SortFunc(f.Keys, func(a, b KeyChange) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), slices.Compare(a.Keys, b.Keys),
			cmp.Compare(count1(a.Merged), count1(b.Merged)))
	})
	f.Keys = f.Keys[:min(len(f.Keys), maxExamples)]
}

// unlinked notes a pair of units by their first records.
func (f *Findings) unlinked(s *solver, p *pair) {
	if f.Unlinked == nil {
		f.Unlinked = map[string]int{}
	}
	reason := p.reason.String()
	f.Unlinked[reason]++
	a, b := s.units[p.a].records[0], s.units[p.b].records[0]
	f.Candidates = append(f.Candidates, Candidate{
		Method: p.method.String(), Reason: reason, a: s.members[a], b: s.members[b], tie: mix(s.key(a) ^ s.key(b)),
	})
	if len(f.Candidates) >= 2*maxExamples {
		f.trimCandidates()
	}
}

func (f *Findings) trimCandidates() {
	slices.SortFunc(f.Candidates, func(a, b Candidate) int { return cmp.Compare(a.tie, b.tie) })
	f.Candidates = f.Candidates[:min(len(f.Candidates), maxExamples)]
}

func (f *Findings) disagree(d Disagreement) {
	f.Disagreements++
	f.Disagreeing = append(f.Disagreeing, d)
	if len(f.Disagreeing) >= 2*maxExamples {
		f.trimDisagreeing()
	}
}

func (f *Findings) trimDisagreeing() {
	slices.SortFunc(f.Disagreeing, func(a, b Disagreement) int { return cmp.Compare(a.Device, b.Device) })
	f.Disagreeing = f.Disagreeing[:min(len(f.Disagreeing), maxExamples)]
}

func (f *Findings) customerUnlinked(u *customer, reason string) {
	f.Customers = append(f.Customers, CustomerCandidate{Customer: u.key, Reason: reason})
}

func (f *Findings) customersApart(a, b, x, y *customer, m method) {
	f.Customers = append(f.Customers, CustomerCandidate{
		Customer: a.key, With: b.key, Reason: m.String() + ", but " + string(x.key) + " and " + string(y.key) +
			" are two customers",
	})
}

// finish completes the findings: keys of the examples are read from the records.
func (c *Correlator) finish(w *writer) {
	f := &c.findings
	f.trimKeys()
	f.trimMoves()
	f.trimCandidates()
	f.trimDisagreeing()
	f.trimSharing()
	f.Unmatched, f.Ambiguous = c.Unmatched(), c.manual.ambiguous()
	e := &graph.Element{}
	for n := range f.Moves {
		m := &f.Moves[n]
		if m.Type == "device" {
			if w.stopped {
				return
			}
			if err := w.read(c.records.at(m.record).ref, e); err != nil {
				w.fail(err)
				return
			}
			m.Record = e.Key
		}
		m.record, m.from, m.tie = 0, 0, 0
	}
	for n := range f.Sharing {
		if w.stopped {
			return
		}
		if err := f.Sharing[n].complete(w); err != nil {
			w.fail(err)
			return
		}
	}
	for n := range f.Candidates {
		x := &f.Candidates[n]
		for _, side := range [...]struct {
			record uint32
			key    *graph.Key
		}{{x.a, &x.A}, {x.b, &x.B}} {
			if w.stopped {
				return
			}
			if err := w.read(c.records.at(side.record).ref, e); err != nil {
				w.fail(err)
				return
			}
			*side.key = e.Key
		}
		if x.A > x.B {
			x.A, x.B = x.B, x.A
		}
		x.a, x.b, x.tie = 0, 0, 0
	}
}
