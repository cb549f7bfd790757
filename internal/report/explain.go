package report

import (
	"cmp"
	"context"
	"slices"
	"time"

	"assetgraph/graph"
)

// MaxExplained is how many matches of one text Explain explains; it lists the others.
const MaxExplained = 20

// An Explanation is what the graph knows of what a text names.
type Explanation struct {
	Text    string   `json:"text"`
	Matches []Match  `json:"matches"`        // machines first, then customers, persons and records that belong to none; empty for no match
	Near    []string `json:"near,omitempty"` // names that are like it, where nothing matches
}

// A Match is one machine, customer or person that the text names, or a record that belongs to none of them.
type Match struct {
	Type         string   `json:"type"` // device, organization, person, or the record's
	Key          string   `json:"key"`
	Name         string   `json:"name"`
	Organization string   `json:"organization"` // customer of a machine; "" where none is known
	MatchedBy    []string `json:"matchedBy"`    // "serial of acme:acme_device:7"
	Subject      *Subject `json:"subject"`      // null beyond MaxExplained
}

// A Subject is what the graph holds of one match.
type Subject struct {
	Properties []Named `json:"properties"`

	// Of its key the graph knows when it was first written and last changed, not which keys were merged into it:
	// history of that kind is in the warnings of the run that merged them.
	KeySince    time.Time `json:"keySince"`
	LastChanged time.Time `json:"lastChanged"`

	Records   []Record   `json:"records"`   // of the products, that are it
	Relations []Relation `json:"relations"` // with customers, machines and persons
	Conflicts []Conflict `json:"conflicts"` // others that share an identifier with it
}

// A Named is a property with its value as people read it.
type Named struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Record is a product's record of a subject, with the evidence that it is one.
type Record struct {
	Product      string    `json:"product"` // _integration
	Type         string    `json:"type"`
	Key          string    `json:"key"`
	Name         string    `json:"name"`
	State        string    `json:"state"` // decommissioned, uninstalled, pending, …; "" for nothing special
	Verb         string    `json:"verb"`  // IS or PROTECTS
	Method       string    `json:"method"`
	MatchedValue string    `json:"matchedValue"`
	Confidence   string    `json:"confidence"`
	LinkedSince  time.Time `json:"linkedSince"` // when the link was first written

	// Of a live record of a tool of which its product tells whether it does its work; else absent.
	Work *Work `json:"work,omitempty"`

	Properties []Named `json:"properties"`
}

// Work is whether a record's tool does its work on the machine.
type Work struct {
	Verb     string          `json:"verb"`     // what it does, such as "protects"
	Does     *bool           `json:"does"`     // null where nobody knows
	Ailments []AilmentReason `json:"ailments"` // why not; empty where it does and where nobody knows
}

// An AilmentReason is what keeps a tool from its work, in a word and in a sentence.
type AilmentReason struct {
	Ailment string `json:"ailment"`
	Reason  string `json:"reason"`
}

// A Relation leads from or to another derived entity.
type Relation struct {
	Verb string `json:"verb"` // "HAS" as in organization HAS device
	From string `json:"from"`
	To   string `json:"to"`
	Name string `json:"name"` // of the other end
}

// maxShared is how many records are listed that share one identifier: what hundreds share is a placeholder.
const maxShared = 5

// A Conflict is a record of another machine, or such a machine, that shares an identifier with the subject and was kept
// apart.
type Conflict struct {
	Identifier string `json:"identifier"` // serial, MAC address, agent uuid, or host name within the same customer
	Value      string `json:"value"`
	Record     string `json:"record"`  // key of it
	Name       string `json:"name"`    // of it
	Belongs    string `json:"belongs"` // key of the machine that it is; "" for none
	Sharing    int    `json:"sharing"` // how many others share this identifier; at most five of them are listed
}

// Explain finds what text names: a key, an id, a name, host name, serial number, MAC address or e-mail address, in any
// case and any spelling of a MAC address, of a derived entity or of a product's record. A glob (*, ?, [a-z]) names what
// it fits. A text that is no whole value names what it is a part of the name or serial number of. Of several matches
// the first so many are explained.
func Explain(ctx context.Context, s Source, text string, several int) (*Explanation, error) {
	x := &explainer{Source: s, wanted: wantedOf(text, s.identifying()), matches: map[string]*Match{}}
	if err := x.find(ctx); err != nil {
		return nil, err
	}
	out := &Explanation{Text: text, Matches: x.sorted()}
	if len(out.Matches) == 0 {
		near, err := x.near(ctx)
		out.Near = near
		return out, err
	}
	explained := out.Matches
	if len(explained) > 1 {
		explained = explained[:min(len(explained), several)]
	}
	return out, x.explainAll(ctx, explained)
}

type explainer struct {
	Source
	wanted  wanted
	matches map[string]*Match
}

// A hit is an entity that the text names.
type hit struct{ key, name, organization, how string }

// find looks for the key, or else in all derived entities and all records that can belong to one, of which the best
// matches count.
func (x *explainer) find(ctx context.Context) error {
	types, links, err := x.searchable()
	if err != nil {
		return err
	}
	best, hits := different, map[*graph.Type][]hit{}
	look := func(e *graph.Element) {
		m, how := x.wanted.match(e)
		if m == different || m < best {
			return
		}
		if m > best {
			best = m
			clear(hits)
		}
		hits[e.Type] = append(hits[e.Type], hit{string(e.Key), e.Get("displayName").Text(), organizationOf(e), how})
	}
	if i := slices.IndexFunc(types,
		func(t *graph.Type) bool { return t.Name == graph.Key(x.wanted.text).Scope().Type }); i >= 0 {
		selection := graph.Selection{Type: types[i], Keys: []graph.Key{graph.Key(x.wanted.text)}}
		if err := x.eachOf(ctx, selection, func(e graph.Stored) { look(e.Element) }); err != nil {
			return err
		}
	}
	if best == different {
		properties := append(x.wanted.all, "organization")
		if err := x.elements(ctx, types, x.wanted.search(), properties, look); err != nil {
			return err
		}
	}
	return x.addAll(ctx, types, links, hits)
}

// searchable returns the types that Explain looks through, each with the relationship that says what its records are,
// nil for a derived one.
func (x *explainer) searchable() (types, links []*graph.Type, err error) {
	for _, name := range derivedTypes() {
		t, err := x.typeOf(name)
		if err != nil {
			return nil, nil, err
		}
		types, links = append(types, t), append(links, nil)
		for _, r := range x.linksTo(name) {
			types, links = append(types, x.Schema.Type(r.From)), append(links, r)
		}
	}
	return types, links, nil
}

func organizationOf(e *graph.Element) string {
	if e.Type.Property("organization") == nil {
		return ""
	}
	return e.Get("organization").Text()
}

func derivedTypes() []string { return []string{"device", "organization", "person"} }

// linksTo returns the types of the relationships that say which records are an entity of a derived type.
func (s Source) linksTo(derived string) (list []*graph.Type) {
	for _, t := range s.Schema.Types() {
		if t.To == derived && s.saysWhat(t) {
			list = append(list, t)
		}
	}
	return list
}

// saysWhat reports whether relationships of a type say what derived entity a record is.
func (s Source) saysWhat(t *graph.Type) bool {
	return t.IsRelationship() && t.Integration == derivedBy && s.Model.Role(t.From) != nil
}

// derivedBy is the integration of all that is derived.
const derivedBy = "assetgraph"

// addAll adds the matches of all types; those of records count for what they are linked to, by the type of relationship
// that stands beside theirs in links.
func (x *explainer) addAll(ctx context.Context, types, links []*graph.Type, hits map[*graph.Type][]hit) error {
	var records []string
	for i, t := range types {
		if links[i] == nil {
			continue
		}
		for _, h := range hits[t] {
			records = append(records, h.key)
		}
	}
	owners, err := x.owners(ctx, slices.DeleteFunc(slices.Clone(links),
		func(r *graph.Type) bool { return r == nil || len(hits[x.Schema.Type(r.From)]) == 0 }), records)
	if err != nil {
		return err
	}
	for i, t := range types {
		for _, h := range hits[t] {
			if o, ok := owners[h.key]; ok {
				x.add(links[i].To, o, h.how+" of "+h.key)
			} else {
				x.add(t.Name, h, h.how)
			}
		}
	}
	return nil
}

func (x *explainer) add(typ string, h hit, how string) {
	m := x.matches[h.key]
	if m == nil {
		m = &Match{Type: typ, Key: h.key, Name: h.name, Organization: h.organization}
		x.matches[h.key] = m
	}
	m.MatchedBy = append(m.MatchedBy, how)
	slices.Sort(m.MatchedBy)
}

func (x *explainer) sorted() []Match {
	list := make([]Match, 0, len(x.matches))
	for _, m := range x.matches {
		list = append(list, *m)
	}
	rank := func(typ string) int {
		if i := slices.Index(derivedTypes(), typ); i >= 0 {
			return i
		}
		return len(derivedTypes())
	}
	slices.SortFunc(list, func(a, b Match) int {
		return cmp.Or(cmp.Compare(rank(a.Type), rank(b.Type)), byName(a.Name, b.Name), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// owners returns what the records with these keys are, by relationships of these types.
func (x *explainer) owners(ctx context.Context, types []*graph.Type, records []string) (map[string]hit, error) {
	out := map[string]hit{}
	if len(records) == 0 {
		return out, nil
	}
	ends := map[string][]graph.Key{} // by type
	err := x.eachLink(ctx, graph.LinkSelection{Types: types, Around: keysOf(records)}, func(l graph.Link) {
		out[string(l.From)] = hit{key: string(l.To)}
		ends[l.Type.To] = append(ends[l.Type.To], l.To)
	})
	if err != nil {
		return nil, err
	}
	found := map[string]hit{}
	for _, name := range sorted(ends) {
		selection := graph.Selection{
			Type: x.Schema.Type(name), Keys: ends[name], Properties: []string{"displayName", "organization"},
		}
		err := x.eachOf(ctx, selection, func(e graph.Stored) {
			found[string(e.Key)] = hit{
				key: string(e.Key), name: e.Get("displayName").Text(), organization: organizationOf(e.Element),
			}
		})
		if err != nil {
			return nil, err
		}
	}
	for key, o := range out {
		if f, ok := found[o.key]; ok {
			out[key] = f
		}
	}
	return out, nil
}

func keysOf(list []string) []graph.Key {
	keys := make([]graph.Key, len(list))
	for i, key := range list {
		keys[i] = graph.Key(key)
	}
	return keys
}

// near returns the names of derived entities that are like the text.
func (x *explainer) near(ctx context.Context) ([]string, error) {
	lists := make([][]string, len(derivedTypes()))
	var work []func() error
	for i, t := range derivedTypes() {
		work = append(work, func() error {
			return x.eachEntity(ctx, t, []string{"displayName"},
				func(e *graph.Element) { lists[i] = append(lists[i], e.Get("displayName").Text()) })
		})
	}
	if err := together(work...); err != nil {
		return nil, err
	}
	return like(x.wanted.text, slices.Concat(lists...)), nil
}
