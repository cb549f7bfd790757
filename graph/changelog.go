package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Change is an entry of the change log: what was done to one element, or to how many of a scope at once.
type Change struct {
	At         time.Time // of the batch
	Run        string    // of the batch
	Instance   string
	Type       string
	Op         Op               // Create, Update or Delete
	Key        Key              // "" for many at once
	Name       string           // displayName that an entity had; "" for a relationship
	Properties []PropertyChange // none for many at once
	Count      int              // 1, or how many at once
	Load       bool             // they came with the first load of their instance
}

// A PropertyChange is one property that is not volatile: of an update one that differs, of a create one that has a
// value, of a delete one that had. Values are nil where there is none, else string, int64, bool, a time by TimeLayout,
// or []string.
type PropertyChange struct {
	Name string `json:"name"`
	Old  any    `json:"old"`
	New  any    `json:"new"`
}

// A Log says what the change log is told of a batch. The zero Log tells it nothing.
type Log struct {
	Run  string // under which name; "" tells nothing
	Sum  bool   // how many elements alone
	Load bool   // the same, as the first load of the instance
}

// A ChangeSelection narrows what Changes reads.
type ChangeSelection struct {
	Since     time.Time // of this time or newer; the zero time for all that is kept
	Until     time.Time // of this time or older, likewise
	Instances []string  // nil for all
	Types     []string  // names; nil for all
	Keys      []Key     // those of elements with these keys, and of relationships with such an end; nil for all
}

// A ChangeLog keeps what batches changed, for as long as it is not told to forget it. It is no part of the data: no
// element, no count.
type ChangeLog interface {
	// Changes yields the selected entries, the newest batches first.
	Changes(ctx context.Context, s ChangeSelection) iter.Seq2[Change, error]

	// ForgetChanges removes the entries of an instance, of all when it is "", that are older than a time.
	ForgetChanges(ctx context.Context, instance string, before time.Time) error
}

// MaxLoggedText is how many bytes of a text the change log keeps; the others give way to "…".
const MaxLoggedText = 1024

// A ChangePart is the entries that one transaction brought, in the form in which stores keep them: as one row or node,
// of which the members but Entries can be selected by.
type ChangePart struct {
	At                  time.Time
	Run, Instance, Type string
	Entries             string // a JSON array
}

// A changeEntry is one of ChangePart.Entries.
type changeEntry struct {
	Op         string     `json:"op"`
	Key        Key        `json:"key,omitempty"`
	Name       string     `json:"name,omitempty"`
	Properties []logValue `json:"properties,omitempty"`
	Count      int        `json:"count,omitempty"`
	Load       bool       `json:"load,omitempty"`
}

// A logValue is a property's name, old and new value.
type logValue [3]any

// A Tally is what one transaction of a batch changed, while it works. The store tells it of each element what it found
// and did; what was the same before is not told. The nil Tally is that of a batch of which nothing is logged.
type Tally struct {
	batch  *Batch
	json   bytes.Buffer
	counts [Delete + 1]int
}

// Tally returns a new one for a transaction, nil where nothing is logged.
func (b *Batch) Tally() *Tally {
	if b.Log.Run == "" {
		return nil
	}
	return &Tally{batch: b}
}

// Sums reports whether elements are counted alone: then the values of old ones need not be read.
func (b *Batch) Sums() bool { return b.Log.Sum || b.Log.Load }

// Add counts so many elements of a batch of which Sums is true.
func (t *Tally) Add(op Op, n int) {
	if t != nil {
		t.counts[op] += n
	}
}

// Created takes an element that was not there.
func (t *Tally) Created(e *Element) {
	if t == nil {
		return
	}
	if t.batch.Sums() {
		t.counts[Create]++
		return
	}
	c := changeEntry{Op: Create.String(), Key: e.Key, Name: e.displayName()}
	for p, v := range e.Values() {
		if !p.Volatile {
			c.Properties = append(c.Properties, logValue{p.Name, nil, logged(v)})
		}
	}
	t.entry(&c)
}

// Updated takes an element and what it was before, of which only a digest is known to differ; nil will do where Sums is
// true.
func (t *Tally) Updated(e, old *Element) {
	if t == nil {
		return
	}
	if t.batch.Sums() {
		t.counts[Update]++
		return
	}
	c := changeEntry{Op: Update.String(), Key: e.Key, Name: e.displayName()}
	for _, i := range e.Changed(old) {
		if p := &e.Type.Properties[i]; !p.Volatile {
			c.Properties = append(c.Properties, logValue{p.Name, logged(old.values[i]), logged(e.values[i])})
		}
	}
	if len(c.Properties) > 0 {
		t.entry(&c)
	}
}

// Deleted takes an element that was there; nil with its key will do where Sums is true.
func (t *Tally) Deleted(key Key, old *Element) {
	if t == nil {
		return
	}
	if t.batch.Sums() {
		t.counts[Delete]++
		return
	}
	c := changeEntry{Op: Delete.String(), Key: key, Name: old.displayName()}
	for p, v := range old.Values() {
		if !p.Volatile {
			c.Properties = append(c.Properties, logValue{p.Name, logged(v), nil})
		}
	}
	t.entry(&c)
}

func (t *Tally) entry(c *changeEntry) {
	separator := byte(',')
	if t.json.Len() == 0 {
		separator = '['
	}
	t.json.WriteByte(separator)
	e := json.NewEncoder(&t.json)
	e.SetEscapeHTML(false) // keys are looked for as they are
	_ = e.Encode(c)        // of texts, numbers and booleans
}

// Part returns what the store keeps of the transaction; ok is false when that is nothing.
func (t *Tally) Part() (p ChangePart, ok bool) {
	if t == nil {
		return p, false
	}
	for op, n := range t.counts {
		if n > 0 {
			t.entry(&changeEntry{Op: Op(op).String(), Count: n, Load: t.batch.Log.Load})
		}
	}
	if t.json.Len() == 0 {
		return p, false
	}
	t.json.WriteByte(']')
	b := t.batch
	return ChangePart{At: b.At, Run: b.Log.Run, Instance: b.Instance, Type: b.Type.Name, Entries: t.json.String()}, true
}

// Changes yields the entries of the part that the selection's keys let through.
func (p *ChangePart) Changes(s *ChangeSelection) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		var list []changeEntry
		d := json.NewDecoder(strings.NewReader(p.Entries))
		d.UseNumber()
		if err := d.Decode(&list); err != nil {
			yield(Change{}, fmt.Errorf("changes of %s in run %s: %w", p.Type, p.Run, err))
			return
		}
		for i := range list {
			c := &list[i]
			if s.wants(c.Key) && !yield(p.change(c), nil) {
				return
			}
		}
	}
}

func (p *ChangePart) change(c *changeEntry) Change {
	out := Change{
		At: p.At, Run: p.Run, Instance: p.Instance, Type: p.Type, Key: c.Key, Name: c.Name, Count: max(c.Count, 1),
		Load: c.Load,
	}
	for _, op := range []Op{Create, Update, Delete} {
		if c.Op == op.String() {
			out.Op = op
		}
	}
	for _, v := range c.Properties {
		name, _ := v[0].(string)
		out.Properties = append(out.Properties, PropertyChange{Name: name, Old: unlogged(v[1]), New: unlogged(v[2])})
	}
	return out
}

// wants reports whether the key is selected.
func (s *ChangeSelection) wants(key Key) bool {
	if s.Keys == nil || slices.Contains(s.Keys, key) {
		return true
	}
	from, to := key.Ends()
	return from != "" && (slices.Contains(s.Keys, from) || slices.Contains(s.Keys, to))
}

// Texts returns texts of which the entries of a part hold one if it holds a change that is wanted, nil where they can't
// tell.
func (s *ChangeSelection) Texts() []string {
	const most = 50 // more cost more than they spare
	if s.Keys == nil || len(s.Keys) > most {
		return nil
	}
	texts := make([]string, len(s.Keys))
	for i, key := range s.Keys {
		texts[i] = string(key)
	}
	return texts
}

// displayName returns how people know an entity, "" for a relationship.
func (e *Element) displayName() string {
	if e.Type.IsRelationship() {
		return ""
	}
	return cut(e.values[displayNameAt].text)
}

// logged returns a value as JSON has it.
func logged(v Value) any {
	switch v.kind {
	case Text:
		return cut(v.text)
	case Int:
		return v.num
	case Bool:
		return v.num == 1
	case Time:
		return v.String()
	case Texts:
		list := make([]string, len(v.list))
		for i, s := range v.list {
			list[i] = cut(s)
		}
		return list
	case Absent:
	}
	return nil
}

// unlogged returns a value of the log as it was before JSON.
func unlogged(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := v.Int64()
		return n
	case []any:
		list := make([]string, len(v))
		for i, s := range v {
			list[i], _ = s.(string)
		}
		return list
	}
	return v
}

func cut(s string) string {
	if len(s) <= MaxLoggedText {
		return s
	}
	n := MaxLoggedText
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
