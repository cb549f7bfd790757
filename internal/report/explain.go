package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"assetgraph/graph"
)

// MaxExplained is how many matches of one text Explain explains; it lists the others.
const MaxExplained = 20

// An Explanation is what the graph knows of what a text names.
type Explanation struct {
	Text    string  `json:"text"`
	Matches []Match `json:"matches"` // machines first, then customers, persons and records that belong to none; empty for no match
}

// A Match is one machine, customer or person that the text names, or a record that belongs to none of them.
type Match struct {
	Type      string   `json:"type"` // device, organization, person, or the record's
	Key       string   `json:"key"`
	Name      string   `json:"name"`
	MatchedBy []string `json:"matchedBy"` // "serial of ninjarmm:ninjarmm_device:7"
	Subject   *Subject `json:"subject"`   // null beyond MaxExplained
}

// A Subject is what the graph holds of one match.
type Subject struct {
	Properties []Named `json:"properties"`

	// Of its key the graph knows when it was first written and last changed, not which keys were merged into it: history of that kind is
	// in the warnings of the run that merged them.
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
	State        string    `json:"state"` // decommissioned, uninstalled, PENDING, …; "" for nothing special
	Verb         string    `json:"verb"`  // IS or PROTECTS
	Method       string    `json:"method"`
	MatchedValue string    `json:"matchedValue"`
	Confidence   string    `json:"confidence"`
	LinkedSince  time.Time `json:"linkedSince"` // when the link was first written
	Properties   []Named   `json:"properties"`
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

// A Conflict is a record of another machine, or such a machine, that shares an identifier with the subject and was kept apart.
type Conflict struct {
	Identifier string `json:"identifier"` // serial, MAC address, agent uuid, or host name within the same customer
	Value      string `json:"value"`
	Record     string `json:"record"`  // key of it
	Name       string `json:"name"`    // of it
	Belongs    string `json:"belongs"` // key of the machine that it is; "" for none
	Sharing    int    `json:"sharing"` // how many others share this identifier; at most five of them are listed
}

// Explain finds what text names: a key, an id, a name, host name, serial number, MAC address or e-mail address, in any case and any
// spelling of a MAC address, of a derived entity or of a product's record.
func Explain(ctx context.Context, s Source, text string) (*Explanation, error) {
	x := &explainer{Source: s, wanted: wantedOf(text), matches: map[string]*Match{}}
	if err := x.find(ctx); err != nil {
		return nil, err
	}
	out := &Explanation{Text: text, Matches: x.sorted()}
	for i := range out.Matches {
		if i == MaxExplained {
			break
		}
		subject, err := x.explain(ctx, &out.Matches[i])
		if err != nil {
			return nil, err
		}
		out.Matches[i].Subject = subject
	}
	return out, nil
}

type explainer struct {
	Source
	wanted  wanted
	exact   bool // a key matched, so that other matches do not count
	matches map[string]*Match
}

// find looks through all derived entities and all records that can belong to one.
func (x *explainer) find(ctx context.Context) error {
	for _, name := range derivedTypes() {
		t, err := x.typeOf(name)
		if err != nil {
			return err
		}
		if err := x.findIn(ctx, t, nil); err != nil {
			return err
		}
		for _, r := range x.linksTo(name) {
			if err := x.findIn(ctx, x.Schema.Type(r.From), r); err != nil {
				return err
			}
		}
	}
	return nil
}

func derivedTypes() []string { return []string{"device", "organization", "person"} }

// linksTo returns the types of the relationships that say which records are an entity of a derived type.
func (s Source) linksTo(derived string) (list []*graph.Type) {
	for _, t := range s.Schema.Types() {
		if t.IsRelationship() && t.To == derived && (t.Verb == "IS" || t.Verb == "PROTECTS") {
			list = append(list, t)
		}
	}
	return list
}

// findIn looks through one type; matches of records count for what they are linked to by r.
func (x *explainer) findIn(ctx context.Context, t, r *graph.Type) error {
	found := map[string]string{}
	names := map[string]string{}
	err := x.scan(ctx, t, func(key, name string, row []any, properties []string) {
		if how, exact := x.wanted.match(key, properties, row); how != "" {
			found[key], names[key] = how, name
			x.narrow(exact)
		}
	})
	if err != nil || len(found) == 0 {
		return err
	}
	if r == nil {
		for key, how := range found {
			x.add(t.Name, key, names[key], how)
		}
		return nil
	}
	owners, err := x.owners(ctx, r, found)
	if err != nil {
		return err
	}
	for key, how := range found {
		if o, ok := owners[key]; ok {
			x.add(r.To, o.key, o.name, how+" of "+key)
		} else {
			x.add(t.Name, key, names[key], how)
		}
	}
	return nil
}

// narrow forgets other matches when a key matched.
func (x *explainer) narrow(exact bool) {
	if exact && !x.exact {
		x.exact = true
		clear(x.matches)
	}
}

func (x *explainer) add(typ, key, name, how string) {
	if x.exact && how != byKey && !slices.Contains([]string{byKey + " of " + x.wanted.text}, how) {
		return
	}
	m := x.matches[key]
	if m == nil {
		m = &Match{Type: typ, Key: key, Name: name}
		x.matches[key] = m
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

// An owner is the derived entity that a record is.
type owner struct{ key, name string }

// owners returns what the records with these keys are.
func (x *explainer) owners(ctx context.Context, r *graph.Type, records map[string]string) (map[string]owner, error) {
	keys := make([]string, 0, len(records))
	for key := range records {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	out := map[string]owner{}
	var ends []graph.Key
	err := x.eachLink(ctx, link{t: r, ends: keys, out: true}, func(row []any) {
		out[textOf(row[1])] = owner{key: textOf(row[0])}
		ends = append(ends, graph.Key(textOf(row[0])))
	})
	if err != nil || len(ends) == 0 {
		return out, err
	}
	names := map[string]string{}
	for e, err := range x.Store.Elements(ctx, graph.Selection{Type: x.Schema.Type(r.To), Keys: ends}) {
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", r.To, err)
		}
		names[string(e.Key)] = e.Get("displayName").Text()
	}
	for key, o := range out {
		o.name = names[o.key]
		out[key] = o
	}
	return out, nil
}
