package graph

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrCorrupt is returned by [Element.Decode] for bytes that [Element.AppendTo] did not write.
var ErrCorrupt = errors.New("graph: corrupt element encoding")

// AppendTo appends the sealed element in a binary form that [Element.Decode] reads. The form is for files of one run
// (spool and plan): it refers to properties by their position and is no storage format.
//
// It is the mark of the type, how many texts the lists hold, the keys, both digests, and for each property that has a
// value its position plus one and the value, closed by a zero.
func (e *Element) AppendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, e.Type.mark)
	texts := 0
	for i := range e.values {
		texts += len(e.values[i].list)
	}
	b = appendUvarint(b, uint64(texts))
	b = appendText(b, e.Instance)
	b = appendText(b, string(e.Key))
	if e.Type.IsRelationship() {
		b = e.appendEnds(b)
	}
	b = append(b, e.Digest[:]...)
	b = append(b, e.Volatile[:]...)
	for i := range e.values {
		if v := &e.values[i]; v.kind != Absent {
			b = appendUvarint(b, uint64(i+1))
			b = appendContent(b, v)
		}
	}
	return append(b, 0)
}

// appendEnds appends the length of From plus one where the key is that of RelationshipKey, which holds both ends; else
// zero and the ends.
func (e *Element) appendEnds(b []byte) []byte {
	if e.keyHoldsEnds() {
		return appendUvarint(b, uint64(len(e.From))+1)
	}
	b = appendText(append(b, 0), string(e.From))
	return appendText(b, string(e.To))
}

// keyHoldsEnds reports whether the key is RelationshipKey(From, verb, To), and makes no such key.
func (e *Element) keyHoldsEnds() bool {
	from, verb := len(e.From), len(e.Type.Verb)
	to := from + verb + 2
	return len(e.Key) == to+len(e.To) && e.Key[:from] == e.From && e.Key[from] == '|' &&
		string(e.Key[from+1:to-1]) == e.Type.Verb && e.Key[to-1] == '|' && e.Key[to:] == e.To
}

// Decode turns e into the element of type t that data holds, reusing e's memory but none of data's. It returns
// ErrCorrupt when data is not what [Element.AppendTo] wrote for that type. All texts of the element lie in one piece of
// memory, which lives as long as any of them: who keeps a few of many elements clones them.
func (e *Element) Decode(t *Type, data []byte) error {
	e.reset(t, "")
	d := decoder{rest: string(data)}
	d.mark(t.mark)
	d.lists(d.uvarint())
	e.Instance, e.Key = d.text(), Key(d.text())
	if t.IsRelationship() {
		d.ends(e)
	}
	copy(e.Digest[:], d.bytes(len(e.Digest)))
	copy(e.Volatile[:], d.bytes(len(e.Volatile)))
	d.properties(e)
	if len(d.rest) > 0 || len(d.texts) > 0 {
		d.fail()
	}
	if d.corrupt {
		return fmt.Errorf("%s: %w", t.Name, ErrCorrupt)
	}
	return nil
}

// A decoder reads what AppendTo wrote. After a fault everything that it returns is zero.
type decoder struct {
	rest    string
	texts   []string // free room for the texts of lists
	corrupt bool
}

func (d *decoder) fail() { d.rest, d.texts, d.corrupt = "", nil, true }

func (d *decoder) mark(want uint32) {
	var b [4]byte
	if copy(b[:], d.bytes(len(b))); binary.LittleEndian.Uint32(b[:]) != want {
		d.fail()
	}
}

func (d *decoder) lists(n uint64) {
	if n > uint64(len(d.rest)) {
		d.fail()
	} else if n > 0 {
		d.texts = make([]string, n)
	}
}

// ends reads what appendEnds wrote.
func (d *decoder) ends(e *Element) {
	n := d.uvarint()
	if n == 0 {
		e.From, e.To = Key(d.text()), Key(d.text())
		return
	}
	to := n + uint64(len(e.Type.Verb)) + 1
	if n > uint64(len(e.Key)) || to > uint64(len(e.Key)) {
		d.fail()
		return
	}
	e.From, e.To = e.Key[:n-1], e.Key[to:]
}

// properties reads positions, each greater than the one before, with their values, up to the closing zero.
func (d *decoder) properties(e *Element) {
	for last := uint64(0); ; {
		i := d.uvarint()
		if i == 0 {
			return
		}
		if i <= last || i > uint64(len(e.values)) {
			d.fail()
			return
		}
		d.value(&e.values[i-1], e.Type.Properties[i-1].Kind)
		last = i
	}
}

func (d *decoder) value(v *Value, kind Kind) {
	v.kind = kind
	switch kind {
	case Text:
		v.text = d.text()
	case Texts:
		v.list = d.list()
	case Int, Time:
		v.num = d.varint()
	case Bool:
		if v.num = d.varint(); v.num>>1 != 0 {
			d.fail()
		}
	case Absent:
		d.fail()
	}
}

func (d *decoder) list() []string {
	n := d.uvarint()
	if n > uint64(len(d.texts)) {
		d.fail()
		return nil
	}
	list := d.texts[:n:n]
	d.texts = d.texts[n:]
	for i := range list {
		list[i] = d.text()
	}
	return list
}

func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return ""
	}
	return d.bytes(int(n))
}

func (d *decoder) bytes(n int) string {
	if n > len(d.rest) {
		d.fail()
		return ""
	}
	out := d.rest[:n]
	d.rest = d.rest[n:]
	return out
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// uvarint reads a number as binary.AppendUvarint writes it. Those of one byte are most.
func (d *decoder) uvarint() uint64 {
	if len(d.rest) > 0 && d.rest[0] < 0x80 {
		n := uint64(d.rest[0])
		d.rest = d.rest[1:]
		return n
	}
	return d.longUvarint()
}

func (d *decoder) longUvarint() uint64 {
	var buf [binary.MaxVarintLen64]byte
	u, n := binary.Uvarint(buf[:copy(buf[:], d.rest)])
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return u
}
