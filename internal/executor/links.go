package executor

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"assetgraph/graph"
	"assetgraph/internal/correlate"
)

// keptLinks are what the records of an instance said of other products when it was last read whole. The graph holds no
// such thing of a record, so it is kept beside it: a correlation that did not read the instance must know it.
type keptLinks struct {
	instance   string
	types      []string // of entities of which all links are there
	statements *correlate.Statements
}

// writtenLinks are keptLinks as the graph keeps them.
type writtenLinks struct {
	Types      []string
	Statements []byte
}

func linksName(instance string) string { return "links " + instance }

// digest is the same as long as the instance says the same.
func (k *keptLinks) digest() string {
	sum := k.statements.Digest()
	return hex.EncodeToString(sum[:]) + " " + strings.Join(k.types, " ")
}

// keepLinks keeps what each instance says of other products that was read whole and says something else than what is kept.
// It returns the digests of what is kept now.
func (s sources) keepLinks(ctx context.Context, store graph.Journal, before past) (map[string]string, error) {
	digests := make(map[string]string)
	for i := range s.list {
		one := &s.list[i]
		k := one.links()
		if k == nil {
			continue
		}
		digest := k.digest()
		if before.notes[k.instance].links != digest {
			if err := k.save(ctx, store); err != nil {
				return digests, err
			}
		}
		digests[k.instance] = digest
	}
	return digests, nil
}

func (k *keptLinks) save(ctx context.Context, store graph.Journal) error {
	ctx, cancel := patient(ctx)
	defer cancel()
	text, err := k.statements.MarshalBinary()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(writtenLinks{k.types, text}); err != nil {
		return err
	}
	return store.SaveMemory(ctx, linksName(k.instance), b.Bytes())
}

// links returns what a source says of other products, nil when not all of it was read, or when it never says any.
func (s *source) links() *keptLinks {
	if s.compared.plan == nil || s.refusal() != nil || len(s.reading.links) == 0 {
		return nil
	}
	k := &keptLinks{instance: s.instance.Name}
	for _, t := range linksRead(s.instance, s.reading.steps) {
		k.types = append(k.types, t.Name)
	}
	slices.Sort(k.types)
	speaks := 0
	for _, kind := range s.instance.Converter.Kinds {
		if kind.Links != nil {
			speaks++
		}
	}
	if speaks == 0 || len(k.types) < speaks || stepsStatus(s.reading.steps) != StatusComplete {
		return nil
	}
	for _, one := range s.reading.links {
		if k.statements == nil {
			k.statements = one.Empty()
		}
		k.statements.Merge(one)
	}
	return k
}

// recallLinks reads what instances that this run did not read said of other products.
func (d *derivation) recallLinks(ctx context.Context) (list []keptLinks, _ error) {
	for _, name := range slices.Sorted(maps.Keys(d.past.notes)) {
		read := slices.ContainsFunc(d.read.list,
			func(s source) bool { return s.instance.Name == name && s.compared.plan != nil })
		if read || d.past.notes[name].links == "" || !d.past.census.holds(name) {
			continue
		}
		data, err := d.store.Memory(ctx, linksName(name))
		if err != nil {
			return nil, err
		}
		k := keptLinks{instance: name, statements: correlate.NewStatements(d.model)}
		var w writtenLinks
		if gob.NewDecoder(bytes.NewReader(data)).Decode(&w) != nil || k.statements.UnmarshalBinary(w.Statements) != nil {
			d.log.Warn("what the instance said of other products can't be read; its next run says it again", "instance", name)
			continue
		}
		k.types = w.Types
		list = append(list, k)
	}
	return list, nil
}
