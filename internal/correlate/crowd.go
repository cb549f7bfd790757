package correlate

import (
	"cmp"
	"slices"

	"assetgraph/graph"
)

// A crowd is the records that share an identifier which more than maxHolders live ones have. Their number says nothing:
// an agent is left behind by each session of some desktops. What they show beside it does: see face.
type crowd struct {
	faces   map[uint64]struct{} // of those that live; more than maxHolders are not kept
	records int
	id      uint64 // the identifier as records have it
	first   uint32 // of those that show it themselves, the one with the smallest hashed key
}

// isJunk reports whether the identifier is on so many live records that are not one machine that it identifies nothing.
func (c *crowd) isJunk() bool { return c != nil && len(c.faces) > maxHolders }

// crowdsOf looks at what records show that share an identifier with many.
func (c *Correlator) crowdsOf(t *tally, kind uint8) map[uint64]*crowd {
	if !t.crowded {
		return nil
	}
	crowds := map[uint64]*crowd{}
	meet := func(h uint64, r *record) *crowd {
		if h == 0 || !t.isCrowd(h) {
			return nil
		}
		of := crowds[h]
		if of == nil {
			of = &crowd{faces: map[uint64]struct{}{}, first: nobody}
			crowds[h] = of
		}
		of.records++
		if !r.has(dead) && len(of.faces) <= maxHolders {
			of.faces[c.face(r, kind)] = struct{}{}
		}
		return of
	}
	i := uint32(0)
	for r := range c.records.all() {
		for _, id := range c.list(r, kind) {
			of := meet(c.identity(r, kind, id), r)
			if of != nil && (of.first == nobody || r.key < c.records.at(of.first).key) {
				of.first, of.id = i, id
			}
		}
		if kind == kindExternal {
			for _, h := range c.followed(r, i) {
				meet(h, r)
			}
		}
		i++
	}
	return crowds
}

// face is what a record shows that two of one channel must agree in to be one machine, beside an identifier of the
// given kind: its name, and beside anything but a serial number or address one of these too. A record that shows too
// little for that is like no other.
func (c *Correlator) face(r *record, kind uint8) uint64 {
	ids := c.identifiers(r)
	second := uint64(1)
	if kind != kindSerial && kind != kindMAC {
		if second = least(ids.serials); second == 0 {
			second = least(ids.macs)
		}
	}
	if name := least(ids.name); name != 0 && second != 0 {
		return mix(name ^ mix(second^mix(uint64(r.channel)+1)))
	}
	return r.key
}

// least returns the smallest of the hashes, 0 for none.
func least(list []uint64) uint64 {
	h := uint64(0)
	for _, x := range list {
		if x != 0 && (h == 0 || x < h) {
			h = x
		}
	}
	return h
}

// manyMachines is on how many machines an identifier must be, which is not weak, to be told of.
const manyMachines = 16

// Sharing is an identifier that many machines show.
type Sharing struct {
	Method   string    `json:"method"` // what it would have linked by
	Value    string    `json:"value"`
	Records  int       `json:"records"`
	Machines int       `json:"machines,omitzero"` // of these records; 0 for one that was left out
	Record   graph.Key `json:"record"`            // one of them

	kind   uint8
	id     uint64
	record uint32
}

// shared notes an identifier that many machines show.
func (f *Findings) shared(s Sharing) {
	s.Method = [...]string{
		kindExternal: methodLink.String(), kindSerial: methodSerial.String(), kindMAC: methodMAC.String(),
		kindName: methodHostname.String(), kindCut: methodHostname.String(),
	}[s.kind]
	f.Shared++
	f.Sharing = append(f.Sharing, s)
	if len(f.Sharing) >= 2*maxExamples {
		f.trimSharing()
	}
}

func (f *Findings) trimSharing() {
	slices.SortFunc(f.Sharing, func(a, b Sharing) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id))
	})
	f.Sharing = f.Sharing[:min(len(f.Sharing), maxExamples)]
}

// complete reads the value of an identifier from a record that shows it.
func (s *Sharing) complete(w *writer) error {
	r := w.c.records.at(s.record)
	e := &graph.Element{}
	if err := w.read(r.ref, e); err != nil {
		return err
	}
	of := source{index: s.record, record: r, role: w.c.roleOf(r), Element: e}
	switch s.kind {
	case kindExternal:
		s.Value = counterpartOf(of).id
	case kindSerial:
		s.Value = serialText(of, s.id)
	case kindMAC:
		s.Value = macText(s.id, ":")
	default:
		s.Value = machineName(e, of.role.Machine)
	}
	s.Record = e.Key
	s.kind, s.id, s.record = 0, 0, 0
	return nil
}

// reportShared tells which identifiers of a large component are on many machines in the end.
func (s *solver) reportShared() {
	if len(s.members) <= maxHolders {
		return
	}
	met := resized(&s.met, len(s.units)) // by root: the last group it was met in, plus one
	clear(met)
	for n := range s.groups {
		g := &s.groups[n]
		holders := s.holders(g)
		if g.kind != kindSerial && (g.kind != kindMAC || isWeak(g.hash)) || len(holders) <= manyMachines ||
			g.kind == kindSerial && !contains(s.records[holders[0].member].serials, g.hash) {
			continue
		}
		machines := 0
		for _, m := range holders {
			if root := s.sets.root[s.unitOf[m.member]]; met[root] != int32(n+1) {
				met[root] = int32(n + 1)
				machines++
			}
		}
		if machines > manyMachines {
			s.c.findings.shared(Sharing{
				kind: g.kind, id: g.hash, Records: len(holders), Machines: machines, record: s.firstOf(holders),
			})
		}
	}
}

// firstOf returns the record with the smallest hashed key.
func (s *solver) firstOf(holders []mention) uint32 {
	first := holders[0].member
	for _, m := range holders {
		first = min(first, m.member)
	}
	return s.members[first]
}
