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
	works := device.Get(t.WorksProperty())
	s.works = works.Bool()
	if !works.IsAbsent() && !s.works {
		s.failing = &failing{words: slices.Clone(device.Get(t.AilmentsProperty()).List())}
	}
}

// loadSymptoms finds why tools do not do their work, where the graph says that they do not: of most fleets on few
// machines, so that of the others nothing is read again.
func (f *fleet) loadSymptoms(ctx context.Context, s Source) error {
	failing, keys := map[graph.Key]*machine{}, []graph.Key{}
	for i := range f.machines {
		m := &f.machines[i]
		if !m.excluded && slices.ContainsFunc(m.tools, func(s sighting) bool { return s.failing != nil }) {
			failing[graph.Key(m.key)] = m
			keys = append(keys, graph.Key(m.key))
		}
	}
	if len(failing) == 0 {
		return nil
	}
	over, err := s.readEnded(ctx)
	if err != nil {
		return err
	}
	const few = 8 // from one machine of so many on, reading all at once is cheaper than each
	if f.only == nil && len(keys) > len(f.machines)/few {
		keys = nil
	}
	for _, r := range s.recordTypes() {
		if r.Symptoms == nil {
			continue
		}
		links := graph.LinkSelection{Types: []*graph.Type{r.link}, Around: keys, Properties: r.signs()}
		err := s.eachLink(ctx, links, func(l graph.Link) {
			if m := failing[l.To]; m != nil && m.tools[r.tool].failing != nil {
				symptoms, _ := over.symptomsOf(r.Machine, l.From, l.Origin)
				m.tools[r.tool].failing.symptoms = append(m.tools[r.tool].failing.symptoms, symptoms...)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// signs returns which properties of a record say why its tool does not do its work.
func (r recordType) signs() (names []string) {
	for _, f := range append(slices.Concat(r.Reads, r.Signs), r.Customer) {
		if !f.IsZero() {
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
