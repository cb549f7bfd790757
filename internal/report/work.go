package report

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"assetgraph/converters"
	"assetgraph/graph"
)

// failing is why a tool that a machine has does not do its work there.
type failing struct {
	told     bool                 // the device says that it does not; else what records show is of no account
	words    []string             // as the device says it
	symptoms []converters.Symptom // that its records show
}

// fails reports whether the graph says that the tool does not do its work.
func (s *sighting) fails() bool { return s.failing != nil && s.failing.told }

func (s *sighting) why() *failing {
	if s.failing == nil {
		s.failing = &failing{}
	}
	return s.failing
}

// learn takes what the graph says of a tool's work on a device.
func (s *sighting) learn(t *converters.Tool, device *graph.Element) {
	if !t.Tells() {
		return
	}
	works := device.Get(t.WorksProperty())
	s.works = works.Bool()
	if !works.IsAbsent() && !s.works {
		why := s.why()
		why.told, why.words = true, slices.Clone(device.Get(t.AilmentsProperty()).List())
	}
}

// take takes what the device says of a tool.
func (s *sighting) take(device *sighting) {
	s.has, s.works = device.has, device.works
	if device.fails() {
		why := s.why()
		why.told, why.words = true, device.failing.words
	}
}

// show takes what a record shows of its tool's work.
func (s *sighting) show(symptoms []converters.Symptom) {
	if len(symptoms) > 0 {
		why := s.why()
		why.symptoms = append(why.symptoms, symptoms...)
	}
}

// signs adds to names of properties those of a record that say why its tool does not do its work.
func (r recordType) signs(names []string) []string {
	if r.Symptoms == nil {
		return names
	}
	for _, f := range append(slices.Clone(r.Signs), r.Customer) {
		if !f.IsZero() && !slices.Contains(names, f.Property().Name) {
			names = append(names, f.Property().Name)
		}
	}
	return names
}

// reasonOf says how an ailment is shown.
func reasonOf(word string, symptoms []converters.Symptom) string {
	var reasons []string
	for _, s := range symptoms {
		if s.Ailment.String() == word && !slices.Contains(reasons, s.Reason) {
			reasons = append(reasons, s.Reason)
		}
	}
	slices.Sort(reasons)
	return cmp.Or(strings.Join(reasons, ", "), "no record says why")
}

// ended holds the customers on whose machines tools do no work, and why: they, or their accounts, have ended.
type ended map[graph.Key][]converters.Symptom

// readEnded reads the customers of the products, which are few.
func (s Source) readEnded(ctx context.Context) (ended, error) {
	accounts, out := ended{}, ended{}
	var customers []*converters.Role
	for _, t := range s.Schema.Types() {
		switch r := s.Model.Role(t.Name); {
		case r == nil:
		case r.Customer != nil && r.Customer.Symptoms != nil:
			customers = append(customers, r)
		case r.Account != nil && r.Account.Symptoms != nil:
			err := s.eachEntity(ctx, t.Name, nil, func(e *graph.Element) { accounts.add(e.Key, r.Account.Symptoms(e)) })
			if err != nil {
				return nil, err
			}
		}
	}
	for _, r := range customers {
		err := s.eachEntity(ctx, r.Type.Name, nil, func(e *graph.Element) {
			out.add(e.Key, r.Customer.Symptoms(e))
			if id := r.Customer.Account.Get(e).Text(); id != "" {
				out.add(e.Key, accounts[graph.EntityKey(e.Key.Scope().Instance, r.Customer.AccountOf.Name, id)])
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (x ended) add(key graph.Key, symptoms []converters.Symptom) {
	if len(symptoms) > 0 {
		key = graph.Key(strings.Clone(string(key)))
		x[key] = append(x[key], symptoms...)
	}
}

// symptomsOf returns what keeps the tool of a record with the given key from its work on the machine; known says that
// without symptoms it does it. A record that is not live shows nothing.
func (x ended) symptomsOf(m *converters.Machine, key graph.Key, record *graph.Element) (list []converters.Symptom, known bool) {
	if m.Symptoms == nil || m.State(record) != converters.Live {
		return nil, false
	}
	list, known = m.Symptoms(record)
	if id := m.Customer.Get(record).Text(); id != "" {
		list = append(list, x[graph.EntityKey(key.Scope().Instance, m.CustomerOf.Name, id)]...)
	}
	return list, known || len(list) > 0
}

// workOf says whether the tool of a record does its work; nil where that is no question.
func (x ended) workOf(m *converters.Machine, record *graph.Element) *Work {
	if m.Symptoms == nil || m.State(record) != converters.Live {
		return nil
	}
	symptoms, known := x.symptomsOf(m, record.Key, record)
	out := &Work{Verb: m.Tool.Works, Ailments: []AilmentReason{}}
	for _, s := range symptoms {
		out.Ailments = append(out.Ailments, AilmentReason{s.Ailment.String(), s.Reason})
	}
	if does := len(symptoms) == 0; known {
		out.Does = &does
	}
	return out
}
