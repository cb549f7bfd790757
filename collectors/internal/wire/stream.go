package wire

import (
	"iter"
	"reflect"
	"unicode/utf8"

	"assetgraph/collectors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Stream is Records one record at a time, for lists that are too long to be held decoded. An error ends it: one of the
// page as a whole, after the records in front of the fault.
func Stream[T any](page []byte, kind, idName string, id func(*T) string, path ...string) iter.Seq2[collectors.Record, error] {
	return stream(page, kind, idName, id, path, nil)
}

// A Beside is a value that a page has beside its records, such as a cursor.
type Beside struct {
	Path []string // names of nested objects
	Into any      // a pointer

	// Found and Err are set to what Get returns.
	Found bool
	Err   error
}

// RecordsBeside is Records, and Get for another part of the page, in one pass.
func RecordsBeside[T any](page []byte, kind, idName string, id func(*T) string, beside *Beside, path ...string) ([]collectors.Record, error) {
	return collect(stream(page, kind, idName, id, path, beside))
}

// collect returns all records, none when there is an error.
func collect(records iter.Seq2[collectors.Record, error]) ([]collectors.Record, error) {
	var all []collectors.Record
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// stream yields the records of a page; a cursor reads those in front of the first fault, the library the others.
func stream[T any](page []byte, kind, idName string, id func(*T) string, path []string, beside *Beside) iter.Seq2[collectors.Record, error] {
	return func(yield func(collectors.Record, error) bool) {
		done, whole := quick(page, kind, id, path, beside, yield)
		if whole {
			return
		}
		if beside != nil {
			beside.Found, beside.Err = Get(page, beside.Into, beside.Path...)
		}
		for raw, err := range Elements(page, path...) {
			if err != nil {
				yield(collectors.Record{}, err)
				return
			}
			if done--; done >= 0 {
				continue
			}
			if !yield(one(raw, kind, idName, id), nil) {
				return
			}
		}
	}
}

// quick yields the records of a page up to the first fault in one pass, and returns how many. whole reports that
// there is no fault in the page, and that beside is set, or that the consumer has enough.
func quick[T any](page []byte, kind string, id func(*T) string, path []string, beside *Beside, yield func(collectors.Record, error) bool) (done int, whole bool) {
	root, element := new(place), new(place)
	list, at := root.route(path, asList), (*place)(nil)
	if beside != nil {
		at = root.route(beside.Path, asFound)
	}
	element.plan(reflect.TypeFor[T](), 0)
	c := &cursor{page: page}
	stopped := false
	c.member = func() bool {
		v := new(T)
		if c.space() == 'n' || !c.value(element, reflect.ValueOf(v).Elem()) {
			return false
		}
		r := collectors.Record{Kind: kind, ID: id(v), Value: v}
		if r.ID == "" {
			return false
		}
		done++
		stopped = !yield(r, nil)
		return !stopped
	}
	whole = c.whole(root) && list.end > 0 && (beside == nil || beside.set(page, at))
	return done, whole || stopped
}

// set takes the value from its place and reports whether it could.
func (b *Beside) set(page []byte, p *place) bool {
	b.Found, b.Err = false, nil
	raw := jsontext.Value(page[p.start:p.end])
	if len(raw) == 0 || raw.Kind() == jsontext.KindNull {
		return true
	}
	b.Found = json.Unmarshal(raw, b.Into) == nil
	return b.Found
}

// route makes the place of the value at path below p and returns it.
func (p *place) route(path []string, as kind) *place {
	for _, name := range path {
		p.as = asEnclosing
		quoted := `"` + name + `"`
		m := p.members[quoted]
		if m == nil {
			m = p.add(quoted)
			m.wanted = true
		}
		p = &m.place
	}
	p.as = as
	return p
}

// whole reads the page from end to end.
func (c *cursor) whole(root *place) bool {
	return utf8.Valid(c.page) && c.seek(root) && c.space() == 0 && c.pos == len(c.page)
}

// seek reads what is asked for below p.
func (c *cursor) seek(p *place) bool {
	b := c.space()
	p.start = c.pos
	ok := false
	switch {
	case p.as == asEnclosing && b == '{':
		ok = c.object(p, func(m *member) bool { return c.seek(&m.place) })
	case p.as == asList && b == '[':
		ok = c.array(c.member)
	case p.as == asFound:
		ok = c.skip(p)
	}
	p.end = c.pos
	return ok
}
