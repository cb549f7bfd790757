package report

import (
	"context"
	"slices"

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
		if list = append(list, t.Property()); t.Tells() {
			list = append(list, t.WorksProperty(), t.AilmentsProperty())
		}
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

// explainAll reads what the graph holds of matches, of all of them at once, and looks once for their conflicts.
func (x *explainer) explainAll(ctx context.Context, matches []Match) error {
	n := neighbourhood{explainer: x, subjects: map[graph.Key]*subject{}}
	var list []*conflicts
	for i := range matches {
		m := &matches[i]
		m.Subject = &Subject{Properties: []Named{}, Records: []Record{}, Relations: []Relation{}, Conflicts: []Conflict{}}
		c := x.newConflicts(m.Key)
		n.subjects[graph.Key(m.Key)] = &subject{match: m, conflicts: c}
		if x.isMachine(m.Type) {
			list = append(list, c)
			c.subject = m.Subject
		}
	}
	if err := n.read(ctx); err != nil {
		return err
	}
	return x.conflicts(ctx, list)
}

func (x *explainer) isMachine(t string) bool {
	return t == "device" || slices.ContainsFunc(x.linksTo("device"), func(r *graph.Type) bool { return r.From == t })
}
