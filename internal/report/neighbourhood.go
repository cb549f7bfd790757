package report

import (
	"context"
	"slices"
	"strings"

	"assetgraph/graph"
)

// A neighbourhood is what the graph holds of some matches and around them. It is read type by type: what is asked of
// the store does not grow with the number of matches.
type neighbourhood struct {
	*explainer
	subjects map[graph.Key]*subject
	links    map[*graph.Type][]link
	ended    ended
}

// A subject is a match while what the graph holds of it is read, with what to look for conflicts by.
type subject struct {
	match     *Match
	conflicts *conflicts
}

// A link leads from or to a subject.
type link struct {
	subject  *subject
	from, to graph.Key
	out      bool // the subject is where it leads from
}

// other returns the end that is not the subject.
func (l link) other() graph.Key {
	if l.out {
		return l.to
	}
	return l.from
}

func (n *neighbourhood) read(ctx context.Context) error {
	if err := n.readSubjects(ctx); err != nil {
		return err
	}
	if err := n.readLinks(ctx); err != nil {
		return err
	}
	var err error
	if n.ended, err = n.readEnded(ctx); err != nil {
		return err
	}
	for _, r := range n.Schema.Types() {
		if err := n.readRecords(ctx, r); err != nil {
			return err
		}
	}
	return n.readRelations(ctx)
}

// readSubjects reads the matches themselves.
func (n *neighbourhood) readSubjects(ctx context.Context) error {
	keys, shown := map[string][]graph.Key{}, n.shown()
	for key, s := range n.subjects {
		keys[s.match.Type] = append(keys[s.match.Type], key)
	}
	for _, name := range sorted(keys) {
		t, err := n.typeOf(name)
		if err != nil {
			return err
		}
		err = n.eachOf(ctx, graph.Selection{Type: t, Keys: keys[name]}, func(e graph.Stored) {
			s := n.subjects[e.Key]
			out := s.match.Subject
			out.Properties, out.KeySince, out.LastChanged = namedOf(e.Element, shown), e.CreatedOn, e.UpdatedOn
			s.conflicts.learn(e.Element)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readLinks finds the records that are the subjects, and the subjects' relationships with other derived entities.
func (n *neighbourhood) readLinks(ctx context.Context) error {
	selection := graph.LinkSelection{Around: []graph.Key{}}
	for key := range n.subjects {
		selection.Around = append(selection.Around, key)
	}
	for _, t := range n.Schema.Types() {
		if t.IsRelationship() && t.Integration == derivedBy {
			selection.Types = append(selection.Types, t)
		}
	}
	n.links = map[*graph.Type][]link{}
	return n.eachLink(ctx, selection, func(l graph.Link) {
		if s := n.subjects[l.From]; s != nil && !n.saysWhat(l.Type) {
			n.links[l.Type] = append(n.links[l.Type], link{s, l.From, l.To, true})
		}
		if s := n.subjects[l.To]; s != nil {
			n.links[l.Type] = append(n.links[l.Type], link{s, l.From, l.To, false})
		}
	})
}

// readRecords reads the records that are linked to subjects by one type of relationship, with the evidence for it.
func (n *neighbourhood) readRecords(ctx context.Context, r *graph.Type) error {
	links := n.links[r]
	if len(links) == 0 || !n.saysWhat(r) {
		return nil
	}
	var evidence, keys []graph.Key
	of := map[graph.Key][]link{} // by record
	for _, l := range links {
		evidence, keys = append(evidence, graph.RelationshipKey(l.from, r.Verb, l.to)), append(keys, l.from)
		of[l.from] = append(of[l.from], l)
	}
	proven := map[graph.Key]Record{} // by relationship
	err := n.eachOf(ctx, graph.Selection{Type: r, Keys: evidence}, func(e graph.Stored) {
		proven[e.Key] = Record{
			Method: e.Get("method").Text(), MatchedValue: e.Get("matchedValue").Text(),
			Confidence: e.Get("confidence").Text(), LinkedSince: e.CreatedOn, Verb: r.Verb,
		}
	})
	if err != nil {
		return err
	}
	shown := n.shown()
	return n.eachOf(ctx, graph.Selection{Type: n.Schema.Type(r.From), Keys: keys}, func(e graph.Stored) {
		for _, l := range of[e.Key] {
			record := proven[graph.RelationshipKey(l.from, r.Verb, l.to)]
			record.Product, record.Type, record.Key, record.Name = e.Type.Integration, e.Type.Name, string(e.Key),
				e.Get("displayName").Text()
			record.Properties = namedOf(e.Element, shown)
			if m := n.Model.Role(e.Type.Name).Machine; m != nil {
				record.State = m.RemarkOn(e.Element)
				record.Work = n.ended.workOf(m, e.Element)
			}
			l.subject.match.Subject.Records = append(l.subject.match.Subject.Records, record)
			l.subject.conflicts.learn(e.Element)
		}
	})
}

// readRelations reads what the other ends of the relationships with other derived entities are called.
func (n *neighbourhood) readRelations(ctx context.Context) error {
	others := map[string][]graph.Key{} // by type
	n.eachRelation(func(r *graph.Type, l link) {
		other := l.other()
		others[other.Scope().Type] = append(others[other.Scope().Type], other)
	})
	names := map[graph.Key]string{}
	for _, t := range sorted(others) {
		selection := graph.Selection{Type: n.Schema.Type(t), Keys: others[t], Properties: []string{"displayName"}}
		err := n.eachOf(ctx, selection, func(e graph.Stored) { names[e.Key] = e.Get("displayName").Text() })
		if err != nil {
			return err
		}
	}
	n.eachRelation(func(r *graph.Type, l link) {
		s := l.subject.match.Subject
		s.Relations = append(s.Relations,
			Relation{Verb: r.Verb, From: string(l.from), To: string(l.to), Name: names[l.other()]})
	})
	return nil
}

// eachRelation calls f with the links that say nothing of what records are, in the order in which they are shown.
func (n *neighbourhood) eachRelation(f func(r *graph.Type, l link)) {
	for _, r := range n.Schema.Types() {
		if n.saysWhat(r) {
			continue
		}
		for _, out := range []bool{true, false} {
			links := slices.DeleteFunc(slices.Clone(n.links[r]), func(l link) bool { return l.out != out })
			slices.SortFunc(links, func(a, b link) int {
				return strings.Compare(string(a.from+a.to), string(b.from+b.to))
			})
			for _, l := range links {
				f(r, l)
			}
		}
	}
}
