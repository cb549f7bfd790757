package correlate

import (
	"cmp"
	"slices"

	"assetgraph/graph"
)

// maxExamples is how many examples of each finding are kept.
const maxExamples = 20

// Findings say what Resolve met. Counts are complete, lists hold examples, the same ones whatever the order of the input.
type Findings struct {
	Records       int // machine records
	Devices       int
	Organizations int
	Persons       int
	NoMachines    int // records of what is no machine: network gear, monitors, containers
	NoEmail       int // records of humans without an e-mail address

	Duplicates    int                 // records beyond the first of one product for one machine
	Merged        int                 // entities that took over the records of several of the last run
	Split         int                 // keys of the last run whose records went to several entities
	Keys          []KeyChange         // examples of both
	Unlinked      map[string]int      // pairs that agree in something and were not linked, by reason
	Candidates    []Candidate         // examples of them
	Disagreements int                 // devices whose products name different customers
	Disagreeing   []Disagreement      // examples of them
	Customers     []CustomerCandidate // customers that could have matched and were not linked

	JunkSerials int // serial numbers dropped because too many machines or customers have them
	JunkMACs    int // addresses dropped because too many machines have them
	Unmatched   []string
}

// A KeyChange is what became of keys of the last run.
type KeyChange struct {
	Type   string // device, organization or person
	Merged bool   // else split
	Keys   []string
	Parts  int // how many entities share the records of a split one
}

// A Candidate is a pair of records that agree in something and are not the same machine.
type Candidate struct {
	A, B   graph.Key
	Method string // what would have linked them
	Reason string

	a, b uint32
	tie  uint64
}

// A Disagreement is a device whose products name different customers.
type Disagreement struct {
	Device        graph.Key
	Organization  string   // the one that the device is given
	Organizations []string // all, sorted
}

// A CustomerCandidate is a customer that was not linked.
type CustomerCandidate struct {
	Customer, With graph.Key // With is "" for none in particular
	Reason         string
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

func (f *Findings) change(k KeyChange) {
	f.Keys = append(f.Keys, k)
	if len(f.Keys) >= 2*maxExamples {
		f.trimKeys()
	}
}

func (f *Findings) trimKeys() {
	slices.SortFunc(f.Keys, func(a, b KeyChange) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), slices.Compare(a.Keys, b.Keys), cmp.Compare(count1(a.Merged), count1(b.Merged)))
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
		Customer: a.key, With: b.key, Reason: m.String() + ", but " + string(x.key) + " and " + string(y.key) + " are two customers",
	})
}

// finish completes the findings: keys of the examples are read from the records.
func (c *Correlator) finish(w *writer) {
	f := &c.findings
	f.trimKeys()
	f.trimCandidates()
	f.trimDisagreeing()
	f.Unmatched = c.Unmatched()
	e := &graph.Element{}
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
	}
}
