package differ

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"assetgraph/graph"
)

// A Plan is what would make the graph equal to what was read. It is data: counts in memory, creates, updates and
// refreshes on disk beside the spool, valid until the spool is closed.
type Plan struct {
	// Scopes lists every compared scope, entities before relationships, each group in the order in which it is
	// to be written: parents before what hangs on them.
	Scopes []*ScopePlan

	ends map[graph.Scope]*keySet
}

// Append adds the scopes of another plan that was made from the same spool.
func (p *Plan) Append(after *Plan) {
	p.Scopes = append(p.Scopes, after.Scopes...)
	slices.SortStableFunc(p.Scopes, func(a, b *ScopePlan) int { return cmp.Compare(rank(a), rank(b)) })
	if p.ends == nil {
		p.ends = make(map[graph.Scope]*keySet)
	}
	maps.Copy(p.ends, after.ends)
}

func rank(s *ScopePlan) int {
	if s.Type.IsRelationship() {
		return 1
	}
	return 0
}

// Counts is how many elements of a scope fall under each operation.
type Counts struct {
	Create, Update, Refresh, Delete, Unchanged int
	Withheld                                   int // deletes that are not to be done
}

// Of returns how many elements fall under one operation.
func (c *Counts) Of(op graph.Op) int { return [...]int{c.Create, c.Update, c.Refresh, c.Delete}[op] }

// A ScopePlan is the part of a plan that is about one scope.
type ScopePlan struct {
	graph.Scope
	Type       *graph.Type
	Complete   bool
	Population int // elements that the graph holds of the scope
	Read       int // distinct elements that were read
	Counts     Counts
	Changed    map[string]int // in how many updates each property changed
	Withheld   []Withheld
	Approved   []string    // the approval ids that let deletes go
	Dangling   int         // relationships left out, since an end is neither in the graph nor was it read
	DanglingTo []graph.Key // some of the ends that are missing, for messages
	Conflicts  int         // keys that the provider gave more than once with different content
	Drifted    bool        // the graph did not hold what it should have: others have changed it

	spool   *spooled // nil for a scope that was not read
	ops     *spill   // operations, nil when there are none
	deletes []*removal
	common  sample     // entities only
	will    graph.Seal // what the graph will hold of what was read, and of what was not looked at
	stands  bool       // the graph holds just what was read: nothing of it was read back
}

// Withheld says why some deletes of a scope are not done.
type Withheld struct {
	Reason   string
	Deletes  int
	Approval string      // the id that lets them go; "" when an approval can't
	Examples []graph.Key // a few of them
}

// A removal is one element that the graph holds and that was not read.
type removal struct {
	key      graph.Key
	header   graph.Header
	withheld string // reason, "" when it may go
	approval string // the id that lets it go although withheld; "" when none does
	approved bool   // somebody has let it go, as one of a set
	released bool   // and also although what was read names it

	hasParent bool      // of entities: a relationship of the graph leads to it
	sibling   graph.Key // another entity with the same parent, that the graph holds and that was read; "" for none
}

// Writes returns the number of operations that the plan would carry out.
func (p *Plan) Writes() int {
	n := 0
	for _, s := range p.Scopes {
		n += s.Counts.Create + s.Counts.Update + s.Counts.Refresh + s.Counts.Delete
	}
	return n
}

// Elements yields what was read of the scope, in key order, each key once, with its place in the spool. The element is
// valid until the next one is yielded.
func (s *ScopePlan) Elements() iter.Seq2[Located, error] {
	return func(yield func(Located, error) bool) {
		for batch, err := range s.Batches(1) {
			if err != nil {
				yield(Located{}, err)
				return
			}
			if !yield(batch[0], nil) {
				return
			}
		}
	}
}

// Batches yields the same, so many at a time. A batch is valid until the one after the next is asked for, so that one can
// be made ready while another is worked on.
func (s *ScopePlan) Batches(size int) iter.Seq2[[]Located, error] {
	return func(yield func([]Located, error) bool) {
		if s.spool == nil {
			return
		}
		x, _, err := s.spool.sorted()
		if err != nil {
			yield(nil, err)
			return
		}
		var batch, other []Located // reused in turn
		var buf []byte
		for i := range x.len() {
			n := i % size
			if n == len(batch) {
				batch = append(batch, Located{Element: &graph.Element{}})
			}
			e := x.entry(i)
			if buf, err = s.spool.read(e.offset, e.length, batch[n].Element, buf); err != nil {
				yield(nil, err)
				return
			}
			batch[n].Ref = Ref(s.spool.number)<<refOffsetBits | Ref(e.offset-lengthSize)
			if n+1 == size || i+1 == x.len() {
				if !yield(batch[:n+1], nil) {
					return
				}
				batch, other = other, batch
			}
		}
	}
}

// AsRead yields what was read of the scope in the order in which it came, a key as often as it did: whoever looks for the
// first of a kind need not wait for all to be sorted. The element is valid until the next one is yielded.
func (s *ScopePlan) AsRead() iter.Seq2[*graph.Element, error] {
	return func(yield func(*graph.Element, error) bool) {
		if s.spool == nil {
			return
		}
		e := &graph.Element{}
		for at, end := int64(0), s.spool.bytes(); at < end; {
			length, err := s.spool.readAt(at, e)
			if !yield(e, err) || err != nil {
				return
			}
			at += lengthSize + int64(length)
		}
	}
}

// Located is an element and its place in the spool.
type Located struct {
	*graph.Element
	Ref Ref
}

// Removals returns how many elements the graph holds that were not read.
func (s *ScopePlan) Removals() int { return len(s.deletes) }

// Kept returns the keys of what the graph holds, was not read and is not deleted, for the given reason; for any when it
// is "".
func (s *ScopePlan) Kept(reason string) []graph.Key {
	var keys []graph.Key
	for _, d := range s.deletes {
		if d.withheld != "" && (reason == "" || d.withheld == reason) {
			keys = append(keys, d.key)
		}
	}
	return keys
}

// Deletes yields the keys to delete, withheld ones left out, at most size at a time.
func (s *ScopePlan) Deletes(size int) iter.Seq[[]*graph.Element] {
	return func(yield func([]*graph.Element) bool) {
		var batch []*graph.Element
		for _, d := range s.deletes {
			if d.withheld != "" {
				continue
			}
			if batch = append(batch, s.deletion(d.key)); len(batch) == size {
				if !yield(batch) {
					return
				}
				batch = nil
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

func (s *ScopePlan) deletion(key graph.Key) *graph.Element {
	from, to := key.Ends()
	return &graph.Element{Type: s.Type, Instance: s.Instance, Key: key, From: from, To: to}
}

// Writes yields the elements of one operation (Create, Update or Refresh) in key order, at most size at a time. A
// batch is valid until the one after the next is asked for, so that one can be made ready while another is written.
func (s *ScopePlan) Writes(ctx context.Context, op graph.Op, size int) iter.Seq2[[]*graph.Element, error] {
	return func(yield func([]*graph.Element, error) bool) {
		if s.Counts.Of(op) == 0 {
			return
		}
		var (
			batch, other []*graph.Element // reused in turn
			used         int
			buf          []byte
		)
		for o, err := range s.operations() {
			if err = errors.Join(err, ctx.Err()); err != nil {
				yield(nil, err)
				return
			}
			if o.op != op {
				continue
			}
			if used == len(batch) {
				batch = append(batch, &graph.Element{})
			}
			if buf, err = s.spool.read(o.offset, o.length, batch[used], buf); err != nil {
				yield(nil, err)
				return
			}
			if used++; used == size {
				if !yield(batch[:used], nil) {
					return
				}
				batch, other, used = other, batch, 0
			}
		}
		if used > 0 {
			yield(batch[:used], nil)
		}
	}
}

// Updates yields each update with the names of the properties that change, in key order.
func (s *ScopePlan) Updates() iter.Seq2[Update, error] {
	return func(yield func(Update, error) bool) {
		if s.ops == nil {
			return
		}
		var buf []byte
		for o, err := range s.operations() {
			if err == nil && o.op != graph.Update {
				continue
			}
			e := &graph.Element{}
			if err == nil {
				buf, err = s.spool.read(o.offset, o.length, e, buf)
			}
			u := Update{Element: e}
			for _, i := range o.changed {
				u.Changed = append(u.Changed, s.Type.Properties[i].Name)
			}
			if !yield(u, err) || err != nil {
				return
			}
		}
	}
}

// An Update is one element that is to be changed, and the names of its properties that differ from the graph's.
type Update struct {
	*graph.Element
	Changed []string
}

// An operation is a line of the plan: what to do with which element of the spool.
type operation struct {
	op      graph.Op
	offset  int64
	length  int
	changed []int // indexes of the type's properties; updates only
}

func (o *operation) appendTo(b []byte) []byte {
	b = append(b, byte(o.op))
	b = binary.AppendUvarint(b, uint64(o.offset))
	b = binary.AppendUvarint(b, uint64(o.length))
	b = binary.AppendUvarint(b, uint64(len(o.changed)))
	for _, i := range o.changed {
		b = binary.AppendUvarint(b, uint64(i))
	}
	return b
}

func (s *ScopePlan) operations() iter.Seq2[operation, error] {
	return func(yield func(operation, error) bool) {
		r := bufio.NewReaderSize(io.NewSectionReader(s.ops, 0, s.ops.size()), 1<<16)
		for {
			o, err := readOperation(r)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				err = fmt.Errorf("differ: read plan: %w", err)
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// readOperation returns io.EOF at the end of the file and io.ErrUnexpectedEOF in the middle of a line.
func readOperation(r *bufio.Reader) (operation, error) {
	op, err := r.ReadByte()
	if err != nil {
		return operation{}, err
	}
	o := operation{op: graph.Op(op)}
	next := func() int64 {
		n, e := binary.ReadUvarint(r)
		if errors.Is(e, io.EOF) {
			e = io.ErrUnexpectedEOF
		}
		err = errors.Join(err, e)
		return int64(n)
	}
	o.offset, o.length = next(), int(next())
	for n := next(); n > 0 && err == nil; n-- {
		o.changed = append(o.changed, int(next()))
	}
	return o, err
}
