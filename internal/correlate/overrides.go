package correlate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"assetgraph/converters"
	"assetgraph/graph"
)

// Overrides are decisions of people, which go before all evidence.
type Overrides struct {
	Same        [][]string  // records that are one machine or one customer, by key or by type/id
	Different   [][]string  // records each of which is another machine or customer
	JunkSerials []string    // serial numbers that identify nothing
	JunkMACs    []string    // addresses that identify nothing
	Exclude     []string    // glob patterns of host names, types and tags that reports leave out; correlation does not look at them
	Exceptions  []Exception // findings that may be there; correlation does not look at them either
}

// An OverrideError says which line of the overrides can't be used.
type OverrideError struct {
	Line int // from 1
	Err  error
}

// Error names line and cause.
func (e *OverrideError) Error() string { return fmt.Sprintf("overrides, line %d: %v", e.Line, e.Err) }

// Unwrap returns the cause.
func (e *OverrideError) Unwrap() error { return e.Err }

// ReadOverrides reads the YAML that docs/correlation.md describes, for a graph of the given model. An empty text gives
// no overrides; an entry that can't be used is a *OverrideError.
func ReadOverrides(r io.Reader, m *Model) (*Overrides, error) {
	var doc yaml.Node
	if err := yaml.NewDecoder(r).Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return &Overrides{}, nil
		}
		return nil, fmt.Errorf("overrides: %w", err)
	}
	o := &Overrides{}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return o, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, &OverrideError{root.Line, errors.New("expected same, different, junkSerials, junkMacs, exclude or exceptions")}
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		name, value := root.Content[i], root.Content[i+1]
		if seen[name.Value] {
			return nil, &OverrideError{name.Line, fmt.Errorf("%s is there twice", name.Value)}
		}
		seen[name.Value] = true
		if err := o.read(name, value, m); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *Overrides) read(name, value *yaml.Node, m *Model) (err error) {
	switch name.Value {
	case "same":
		o.Same, err = groups(value, m)
	case "different":
		o.Different, err = groups(value, m)
	case "junkSerials":
		o.JunkSerials, err = texts(value,
			func(s string) error { return when(normalSerial(s) == "", "has no letter or digit") })
	case "junkMacs":
		o.JunkMACs, err = texts(value,
			func(s string) error { return when(converters.MAC(s) == "", "is no MAC address") })
	case "exclude":
		o.Exclude, err = texts(value, func(s string) error {
			_, err := path.Match(s, "")
			return err
		})
	case "exceptions":
		o.Exceptions, err = exceptions(value)
	default:
		err = &OverrideError{
			name.Line,
			fmt.Errorf("%q is none of same, different, junkSerials, junkMacs, exclude and exceptions", name.Value),
		}
	}
	return err
}

func when(bad bool, text string) error {
	if bad {
		return errors.New(text)
	}
	return nil
}

// groups reads a list of lists of at least two records.
func groups(node *yaml.Node, m *Model) ([][]string, error) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil, nil
	}
	if node.Kind != yaml.SequenceNode {
		return nil, &OverrideError{node.Line, errors.New("expected a list of lists, such as - [a, b]")}
	}
	var out [][]string
	for _, item := range node.Content {
		if item.Kind != yaml.SequenceNode {
			return nil, &OverrideError{item.Line, errors.New("expected a list of records, such as [a, b]")}
		}
		list, err := texts(item, m.checkName)
		if err != nil {
			return nil, err
		}
		if slices.Sort(list); len(slices.Compact(slices.Clone(list))) < 2 {
			return nil, &OverrideError{item.Line, errors.New("needs at least two different records")}
		}
		out = append(out, list)
	}
	return out, nil
}

// checkName accepts a record's key and type/id.
func (m *Model) checkName(s string) error {
	typ := graph.Key(s).Scope().Type
	if typ == "" {
		var id string
		typ, id, _ = strings.Cut(s, "/")
		if id == "" {
			return errors.New("is neither a key (instance:type:id) nor type/id")
		}
	}
	if r := m.roles[typ]; r != nil && (r.Machine != nil || r.Customer != nil) {
		return nil
	}
	return fmt.Errorf("names a %q, which is no machine record and no customer", typ)
}

func texts(node *yaml.Node, check func(string) error) ([]string, error) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil, nil
	}
	if node.Kind != yaml.SequenceNode {
		return nil, &OverrideError{node.Line, errors.New("expected a list")}
	}
	var out []string
	for _, item := range node.Content {
		text := strings.TrimSpace(item.Value)
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" || text == "" {
			return nil, &OverrideError{item.Line, errors.New("expected a text")}
		}
		if err := check(text); err != nil {
			return nil, &OverrideError{item.Line, fmt.Errorf("%q %w", text, err)}
		}
		out = append(out, text)
	}
	return out, nil
}

// manual is the overrides in hashes, as correlation uses them.
type manual struct {
	group     map[uint64]uint64    // of each record that is the same as others, by hashed key
	members   map[uint64][]uint64  // records of each group
	different map[[2]uint64]bool   // pairs, the smaller hash first
	junk      map[string]bool      // normalised serials, and MACs; true once met
	names     map[uint64]*decision // by hash of key or of type/id
	list      []*decision
}

// A decision is one name in the overrides.
type decision struct {
	name      string
	same      []uint64 // groups
	different []int    // indexes in Different
	keys      []uint64 // records that it named; several where instances have a record of that type and id
}

// clear reports whether it is known which record is meant.
func (d *decision) clear() bool { return len(d.keys) == 1 }

func newManual(o *Overrides) manual {
	m := manual{
		group: map[uint64]uint64{}, members: map[uint64][]uint64{}, different: map[[2]uint64]bool{},
		junk: map[string]bool{}, names: map[uint64]*decision{},
	}
	if o == nil {
		return m
	}
	for _, list := range o.Same {
		for _, name := range list {
			d := m.decision(name)
			d.same = append(d.same, hash(list...))
		}
	}
	for n, list := range o.Different {
		for _, name := range list {
			d := m.decision(name)
			d.different = append(d.different, n)
		}
	}
	for _, s := range o.JunkSerials {
		m.junk[normalSerial(s)] = false
	}
	for _, s := range o.JunkMACs {
		m.junk[converters.MAC(s)] = false
	}
	return m
}

func (m *manual) decision(name string) *decision {
	h := hash(name)
	d, ok := m.names[h]
	if !ok {
		d = &decision{name: name}
		m.names[h] = d
		m.list = append(m.list, d)
	}
	return d
}

// isJunk reports whether people call a normalised serial number or an address junk.
func (c *Correlator) isJunk(s string) bool {
	if len(c.manual.junk) == 0 {
		return false
	}
	_, ok := c.manual.junk[s]
	if ok {
		c.manual.junk[s] = true
	}
	return ok
}

// meet notes which decisions name an element.
func (m *manual) meet(e *graph.Element) {
	if len(m.names) == 0 {
		return
	}
	key := hash(string(e.Key))
	for _, h := range [...]uint64{key, hash(e.Type.Name + "/" + e.Get("id").Text())} {
		if d, ok := m.names[h]; ok && !slices.Contains(d.keys, key) {
			d.keys = append(d.keys, key)
		}
	}
}

// settle carries out the decisions once all elements were met. What several instances have decides nothing.
func (m *manual) settle() {
	for _, d := range m.list {
		if d.clear() {
			m.apply(d, d.keys[0])
		}
	}
}

// apply enters a record into the groups and pairs of a decision.
func (m *manual) apply(d *decision, key uint64) {
	for _, g := range d.same {
		if old, ok := m.group[key]; ok && old != g { // two lists that share a record are one
			g = m.unite(old, g)
		}
		m.group[key] = g
		if !slices.Contains(m.members[g], key) {
			m.members[g] = append(m.members[g], key)
		}
	}
	for _, n := range d.different {
		for _, other := range m.list {
			if other != d && other.clear() && slices.Contains(other.different, n) {
				k := other.keys[0]
				m.different[[2]uint64{min(k, key), max(k, key)}] = true
			}
		}
	}
}

func (m *manual) unite(a, b uint64) uint64 {
	for _, key := range m.members[b] {
		m.group[key] = a
		m.members[a] = append(m.members[a], key)
	}
	delete(m.members, b)
	for _, d := range m.list { // members that are yet to come
		for i := range d.same {
			if d.same[i] == b {
				d.same[i] = a
			}
		}
	}
	return a
}

// ambiguous returns the names in the overrides that records of several instances have.
func (m *manual) ambiguous() (names []string) {
	for _, d := range m.list {
		if len(d.keys) > 1 {
			names = append(names, d.name)
		}
	}
	slices.Sort(names)
	return names
}

// sameKeys returns the groups of records that are the same, each with at least one member, in a fixed order.
func (m *manual) sameKeys() [][]uint64 {
	var out [][]uint64
	for _, list := range m.members {
		slices.Sort(list)
		out = append(out, list)
	}
	slices.SortFunc(out, func(a, b []uint64) int { return cmp.Compare(a[0], b[0]) })
	return out
}

// decided returns the records that people keep apart from others.
func (m *manual) decided() map[uint64]bool {
	keys := map[uint64]bool{}
	for couple := range m.different {
		keys[couple[0]], keys[couple[1]] = true, true
	}
	return keys
}

// apart reports whether people say that two records are not the same.
func (m *manual) apart(a, b uint64) bool {
	return len(m.different) > 0 && m.different[[2]uint64{min(a, b), max(a, b)}]
}

// Unmatched returns the entries of the overrides that named nothing: records that are not there, serials and MACs that
// no record has. It is complete after Resolve. Exclude and Exceptions are not looked at.
func (c *Correlator) Unmatched() []string {
	var out []string
	for _, d := range c.manual.list {
		if len(d.keys) == 0 {
			out = append(out, d.name)
		}
	}
	for _, s := range sortedKeys(c.manual.junk) {
		if !c.manual.junk[s] {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}
