package differ

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"assetgraph/graph"
)

// A merger walks what was read of a scope and what the graph holds of it side by side, both in key order.
type merger struct {
	*comparison
	plan *ScopePlan
	list *headerIndex
	next int // in list
	out  *operationWriter
	kin  family
	part *part // of the scope that is looked at, nil for all of it

	verify bool       // found is wanted
	found  graph.Seal // what the graph holds of the scope
}

func (m *merger) merge(ctx context.Context) error {
	headers := m.Reader.Headers(ctx, m.plan.Type, m.plan.Instance)
	if m.part != nil {
		headers = m.part.headers(ctx, m.Reader)
	}
	var last graph.Key
	for h, err := range headers {
		if err != nil {
			return err
		}
		if m.plan.Population > 0 && h.Key <= last {
			return fmt.Errorf("the graph's keys are out of order: %s after %s", h.Key, last)
		}
		last = h.Key
		m.plan.Population++
		if m.verify {
			m.found.Sum.Add(h)
			m.found.Count++
		}
		switch m.createBefore(h.Key); {
		case m.next == m.list.len() || m.list.key(m.next) != h.Key:
			m.remove(h)
		case m.plan.Type.IsRelationship() && m.releasedEnd(h.Key) != "":
			m.next++
			m.remove(h)
		default:
			m.match(ctx, h)
		}
		if m.out.err != nil {
			return m.out.err
		}
	}
	m.createRest()
	m.kin.close()
	if m.part != nil {
		m.part.addRest(m.plan)
	}
	return m.out.err
}

// remove plans to delete what the graph holds and was not read.
func (m *merger) remove(h graph.Header) {
	m.plan.deletes = append(m.plan.deletes, &removal{key: h.Key, header: h})
	if m.plan.Type.IsRelationship() {
		m.kin.add(h.Key, false)
	}
}

// createBefore plans to create what was read and lies before key.
func (m *merger) createBefore(key graph.Key) {
	for m.next < m.list.len() && m.list.key(m.next) < key {
		m.create()
	}
}

func (m *merger) createRest() {
	for m.next < m.list.len() {
		m.create()
	}
}

// create plans to create the next element that was read, unless it is a relationship an end of which will not be in the
// graph.
func (m *merger) create() {
	e := m.list.entry(m.next)
	m.next++
	if m.plan.Type.IsRelationship() {
		if end := cmp.Or(m.missing(e.Key), m.releasedEnd(e.Key)); end != "" {
			m.plan.dangle(end)
			return
		}
	}
	m.take(e, e.Header)
	m.out.write(graph.Create, e)
}

// match plans what is to be done with an element that was read and is in the graph. The ends of such a relationship are
// there as well.
func (m *merger) match(ctx context.Context, h graph.Header) {
	e := m.list.entry(m.next)
	m.next++
	m.take(e, m.out.match(ctx, e, h))
	if m.plan.Type.IsRelationship() {
		m.kin.add(e.Key, true)
	} else {
		m.plan.common.add(e)
	}
}

// take notes an element that the graph will hold, and its header then.
func (m *merger) take(e entry, then graph.Header) {
	m.plan.Read++
	m.plan.will.Sum.Add(then)
	m.plan.will.Count++
	if m.plan.Type.IsRelationship() {
		a, b := e.Key.Ends()
		m.ends[a.Scope()].name(a)
		m.ends[b.Scope()].name(b)
	}
}

// missing returns an end of a relationship that is neither in the graph nor was it read, "" when there is none.
func (m *merger) missing(key graph.Key) graph.Key {
	a, b := key.Ends()
	for _, end := range []graph.Key{a, b} {
		if !m.ends[end.Scope()].has(end) {
			return end
		}
	}
	return ""
}

// releasedEnd returns an end of a relationship that is deleted by approval although this relationship, which was read,
// names it; "" when there is none.
func (m *merger) releasedEnd(key graph.Key) graph.Key {
	a, b := key.Ends()
	for _, end := range []graph.Key{a, b} {
		if d := m.ends[end.Scope()].removal(end); d != nil && d.released {
			return end
		}
	}
	return ""
}

// Examples of keys that a message holds at most.
const maxExamples = 3

func (s *ScopePlan) dangle(end graph.Key) {
	s.Dangling++
	if len(s.DanglingTo) < maxExamples && !slices.Contains(s.DanglingTo, end) {
		s.DanglingTo = append(s.DanglingTo, end)
	}
}
