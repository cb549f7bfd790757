package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"assetgraph/graph"
)

// shown lists the properties that say what something is, in the order in which they are shown.
func (s Source) shown() []string {
	list := slices.Concat([]string{"hostname", "fqdn", "netbiosName", "domain"}, s.identifying().serials, []string{
		"deviceId", "uuid", "uid", "macAddresses", "email", "username", "primaryUserEmail",
		"organization", "siteId", "organizationId", "tenantId", "make", "model", "osName", "osVersion", "version",
		"category", "nodeClass", "machineType",
	})
	for _, t := range s.Model.Tools() {
		list = append(list, t.Property())
	}
	return append(list,
		"sources", "deviceCount", "infected", "isUpToDate", "onboardingStatus", "lastLoggedInUser", "createdOn",
		"lastSeenOn", "webLink")
}

func namedOf(e *graph.Element, shown []string) []Named {
	list := []Named{}
	for _, name := range shown {
		if v := e.Get(name); !v.IsAbsent() {
			list = append(list, Named{name, v.String()})
		}
	}
	return list
}

// explainAll reads what the graph holds of matches, and looks once for the conflicts of all of them.
func (x *explainer) explainAll(ctx context.Context, matches []Match) error {
	var list []*conflicts
	for i := range matches {
		c := x.newConflicts(matches[i].Key)
		if err := x.explain(ctx, &matches[i], c); err != nil {
			return err
		}
		if x.isMachine(matches[i].Type) {
			list = append(list, c)
			c.subject = matches[i].Subject
		}
	}
	return x.conflicts(ctx, list)
}

func (x *explainer) isMachine(t string) bool {
	return t == "device" || slices.ContainsFunc(x.linksTo("device"), func(r *graph.Type) bool { return r.From == t })
}

// explain reads what the graph holds of a match, but for its conflicts, of which c learns what to look for.
func (x *explainer) explain(ctx context.Context, m *Match, c *conflicts) error {
	t, err := x.typeOf(m.Type)
	if err != nil {
		return err
	}
	s := &Subject{Properties: []Named{}, Records: []Record{}, Relations: []Relation{}, Conflicts: []Conflict{}}
	m.Subject = s
	for e, err := range x.Store.Elements(ctx, graph.Selection{Type: t, Keys: []graph.Key{graph.Key(m.Key)}}) {
		if err != nil {
			return fmt.Errorf("read %s: %w", m.Type, err)
		}
		s.Properties, s.KeySince, s.LastChanged = namedOf(e.Element, x.shown()), e.CreatedOn, e.UpdatedOn
		c.learn(e.Element)
	}
	for _, r := range x.linksTo(m.Type) {
		records, err := x.records(ctx, r, m.Key, c)
		if err != nil {
			return err
		}
		s.Records = append(s.Records, records...)
	}
	s.Relations, err = x.relations(ctx, m.Key, t)
	return err
}

// records reads the records that are linked to an entity by one type of relationship.
func (x *explainer) records(ctx context.Context, r *graph.Type, key string, c *conflicts) ([]Record, error) {
	links := map[string]Record{}
	var keys []graph.Key
	err := x.eachLink(ctx, link{
		t: r, of: []string{"method", "matchedValue", "confidence", "_createdOn"}, ends: []string{key},
	}, func(row []any) {
		links[textOf(row[1])] = Record{
			Method: textOf(row[2]), MatchedValue: textOf(row[3]), Confidence: textOf(row[4]),
			LinkedSince: timeOf(row[5]), Verb: r.Verb,
		}
		keys = append(keys, graph.Key(textOf(row[1])))
	})
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	shown := x.shown()
	var list []Record
	for e, err := range x.Store.Elements(ctx, graph.Selection{Type: x.Schema.Type(r.From), Keys: keys}) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", r.From, err)
		}
		record := links[string(e.Key)]
		record.Product, record.Type, record.Key, record.Name = e.Type.Integration, e.Type.Name, string(e.Key),
			e.Get("displayName").Text()
		record.Properties = namedOf(e.Element, shown)
		if m := x.Model.Role(e.Type.Name).Machine; m != nil {
			record.State = m.RemarkOn(e.Element)
		}
		list = append(list, record)
		c.learn(e.Element)
	}
	return list, nil
}

// relations reads the relationships between an entity and other derived ones.
func (x *explainer) relations(ctx context.Context, key string, t *graph.Type) ([]Relation, error) {
	list := []Relation{}
	for _, r := range x.Schema.Types() {
		if !r.IsRelationship() || r.Integration != derivedBy || x.saysWhat(r) {
			continue
		}
		for _, out := range []bool{true, false} {
			if here := map[bool]string{true: r.From, false: r.To}[out]; here != t.Name {
				continue
			}
			found, err := x.relationsBy(ctx, r, key, out)
			if err != nil {
				return nil, err
			}
			list = append(list, found...)
		}
	}
	return list, nil
}

// relationsBy reads those of one type that lead out of an entity, or to it.
func (x *explainer) relationsBy(ctx context.Context, r *graph.Type, key string, out bool) ([]Relation, error) {
	var list []Relation
	var others []graph.Key
	err := x.eachLink(ctx, link{t: r, ends: []string{key}, out: out}, func(row []any) {
		list = append(list, Relation{Verb: r.Verb, From: textOf(row[1]), To: textOf(row[0])})
		other := textOf(row[1])
		if out {
			other = textOf(row[0])
		}
		others = append(others, graph.Key(other))
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	t := r.From
	if out {
		t = r.To
	}
	names := map[string]string{}
	for e, err := range x.Store.Elements(ctx, graph.Selection{Type: x.Schema.Type(t), Keys: others}) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t, err)
		}
		names[string(e.Key)] = e.Get("displayName").Text()
	}
	for i := range list {
		list[i].Name = names[string(others[i])]
	}
	slices.SortFunc(list, func(a, b Relation) int { return strings.Compare(a.From+a.To, b.From+b.To) })
	return list, nil
}
