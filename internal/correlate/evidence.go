package correlate

import (
	"cmp"
	"slices"
	"strings"

	"assetgraph/graph"
)

// matched returns the value by which a record was linked to the device with the key, as people write it.
func (w *writer) matched(s source, device graph.Key) string {
	switch s.record.method {
	case methodOverride:
		for _, other := range w.sources {
			if other.index != s.index {
				return string(other.Key)
			}
		}
	case methodLink:
		return w.matchedLinks(s)
	case methodSerial:
		return serialText(s, w.c.matchOf(s.record))
	case methodMAC:
		return macText(w.c.matchOf(s.record), ":")
	case methodHostname:
		return machineName(s.Element, s.role.Machine)
	case methodPrevious: // that it was part of, under this key or under another that the machines of a split one had
		return string(device)
	case methodRecord, methodMapping, methodName, methodEmail:
	}
	return s.Get("id").Text()
}

// standsFor returns by what a record is known that no other one is linked to: the strongest identifier that it has.
func (c *Correlator) standsFor(s source) (method, string) {
	m := s.role.Machine
	for _, f := range m.Serials {
		if s := c.trustedSerial(f.Get(s.Element).Text()); s != "" {
			return methodSerial, s
		}
	}
	for _, text := range m.MACs.Get(s.Element).List() {
		if mac := macNumber(text); mac != 0 && !junkMAC(mac) && !isWeak(rateAddress(mac)) {
			return methodMAC, text
		}
	}
	if name := machineName(s.Element, m); name != "" {
		return methodHostname, name
	}
	return methodName, s.Get("name").Text()
}

// A counterpart is what a link leads to: a product and what links call the record there.
type counterpart struct{ product, id string }

// matchedLinks names the counterparts that links lead to: "productA 3187; productB ff81…" for a record that tells
// links, its own id for others.
func (w *writer) matchedLinks(s source) string {
	w.parts = w.parts[:0]
	if !s.role.Machine.Links {
		w.parts = append(w.parts, counterpartOf(s))
	} else {
		for _, l := range w.c.linksOf(s.index) {
			for _, other := range w.sources {
				if ids := w.c.list(other.record, kindExternal); slices.Contains(ids, l) {
					w.parts = append(w.parts, counterpartOf(other))
				}
			}
		}
		slices.SortFunc(w.parts, func(a, b counterpart) int {
			return cmp.Or(strings.Compare(a.product, b.product), strings.Compare(a.id, b.id))
		})
	}
	w.text = w.text[:0]
	for n, p := range slices.Compact(w.parts) {
		if n > 0 {
			w.text = append(w.text, "; "...)
		}
		w.text = append(append(append(w.text, p.product...), ' '), p.id...)
	}
	return string(w.text)
}

// counterpartOf says what links call a record.
func counterpartOf(s source) counterpart {
	if v := s.role.Machine.External.Get(s.Element); !v.IsAbsent() {
		return counterpart{productName(s.Type, s.Instance), v.Text()}
	}
	return counterpart{productName(s.Type, s.Instance), s.Get("id").Text()}
}

// humanID says by which id a record is linked to others of the same human.
func humanID(s source) string {
	h := s.role.Human
	if id := h.Person.Get(s.Element).Text(); id != "" {
		return h.PersonOf.Name + " " + id
	}
	return h.Directory.Get(s.Element).Text()
}
