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
	words    []string             // as the device says it
	symptoms []converters.Symptom // that its records show
}

// learn takes what the graph says of a tool's work on a device.
func (s *sighting) learn(t *converters.Tool, device *graph.Element) {
	if !t.Tells() {
		return
	}
	switch works := device.Get(t.WorksProperty()); {
	case works.Bool():
		s.works = true
	case !works.IsAbsent():
		s.fails = true
		s.ill().words = slices.Clone(device.Get(t.AilmentsProperty()).List())
	}
}

// show takes what a record shows of why the tool does not do its work. It is of no account where another one does.
func (s *sighting) show(symptoms []converters.Symptom) {
	if len(symptoms) > 0 {
		f := s.ill()
		f.symptoms = append(f.symptoms, symptoms...)
	}
}

func (s *sighting) ill() *failing {
	if s.failing == nil {
		s.failing = &failing{}
	}
	return s.failing
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

// symptomsOf returns what keeps the tool of a record of an instance from its work on the machine; known says that without
// symptoms it does it.
func (x ended) symptomsOf(
	m *converters.Machine, state converters.State, instance string, record *graph.Element,
) (list []converters.Symptom, known bool) {
	if m.Symptoms == nil || state != converters.Live {
		return nil, false
	}
	list, known = m.Symptoms(record)
	if len(x) > 0 {
		if id := m.Customer.Get(record).Text(); id != "" {
			list = append(list, x[graph.EntityKey(instance, m.CustomerOf.Name, id)]...)
		}
	}
	return list, known || len(list) > 0
}

// workOf says whether the tool of a record does its work; nil where that is no question.
func (x ended) workOf(m *converters.Machine, record *graph.Element) *Work {
	state := m.State(record)
	if m.Symptoms == nil || state != converters.Live {
		return nil
	}
	symptoms, known := x.symptomsOf(m, state, record.Key.Scope().Instance, record)
	out := &Work{Verb: m.Tool.Works, Ailments: []AilmentReason{}}
	for _, s := range symptoms {
		out.Ailments = append(out.Ailments, AilmentReason{s.Ailment.String(), s.Reason})
	}
	if does := len(symptoms) == 0; known {
		out.Does = &does
	}
	return out
}
