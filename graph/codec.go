package graph

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrCorrupt is returned by Decode for bytes that AppendTo did not write.
var ErrCorrupt = errors.New("graph: corrupt element encoding")

// AppendTo appends the sealed element in a binary form that Decode reads. The form is for files of one run
// (spool and plan): it refers to properties by their position and is no storage format.
func (e *Element) AppendTo(b []byte) []byte {
	b = appendText(b, e.Instance)
	b = appendText(b, string(e.Key))
	if e.Type.IsRelationship() {
		b = appendText(b, string(e.From))
		b = appendText(b, string(e.To))
	}
	b = append(b, e.Digest[:]...)
	b = append(b, e.Volatile[:]...)
	for i := range e.values {
		if e.values[i].kind != Absent {
			b = binary.AppendUvarint(b, uint64(i+1))
			b = appendValue(b, &e.values[i])
		}
	}
	return append(b, 0)
}

// Decode turns e into the element of type t that data holds, reusing e's memory but none of data's. It returns
// ErrCorrupt when data is not what AppendTo wrote for that type.
func (e *Element) Decode(t *Type, data []byte) error {
	d := decoder{b: data}
	e.reset(t, d.text())
	e.Key = Key(d.text())
	if t.IsRelationship() {
		e.From, e.To = Key(d.text()), Key(d.text())
	}
	copy(e.Digest[:], d.bytes(len(e.Digest)))
	copy(e.Volatile[:], d.bytes(len(e.Volatile)))
	d.properties(e)
	if d.err == nil && len(d.b) > 0 {
		d.err = ErrCorrupt
	}
	if d.err != nil {
		return fmt.Errorf("%s: %w", t.Name, d.err)
	}
	return nil
}

// properties reads positions, each greater than the one before, with their values, up to the closing zero.
func (d *decoder) properties(e *Element) {
	for last := uint64(0); ; {
		i := d.uvarint()
		if i == 0 || d.err != nil {
			return
		}
		if i <= last || i > uint64(len(e.values)) {
			d.err = ErrCorrupt
			return
		}
		v := d.value()
		if v.kind != e.Type.Properties[i-1].Kind {
			d.err = ErrCorrupt
			return
		}
		e.values[i-1], last = v, i
	}
}

type decoder struct {
	b   []byte
	err error
}

func (d *decoder) bytes(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.b) {
		d.err = ErrCorrupt
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) uvarint() uint64 {
	u, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.err = ErrCorrupt
		return 0
	}
	d.b = d.b[n:]
	return u
}

func (d *decoder) varint() int64 {
	i, n := binary.Varint(d.b)
	if n <= 0 {
		d.err = ErrCorrupt
		return 0
	}
	d.b = d.b[n:]
	return i
}

func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.err = ErrCorrupt
		return ""
	}
	return string(d.bytes(int(n)))
}

func (d *decoder) value() Value {
	kind := d.bytes(1)
	if d.err != nil {
		return Value{}
	}
	v := Value{kind: Kind(kind[0])}
	switch v.kind {
	case Text:
		v.text = d.text()
	case Texts:
		n := d.uvarint()
		if n > uint64(len(d.b)) {
			d.err = ErrCorrupt
			return Value{}
		}
		v.list = make([]string, n)
		for i := range v.list {
			v.list[i] = d.text()
		}
	case Int, Bool, Time:
		v.num = d.varint()
		if v.kind == Bool && v.num>>1 != 0 {
			d.err = ErrCorrupt
		}
	default:
		d.err = ErrCorrupt
	}
	return v
}
