package wire

import "reflect"

// value reads the value at p into v, which is settable and zero.
func (c *cursor) value(p *place, v reflect.Value) bool {
	b := c.space()
	switch p.as {
	case asStruct:
		if b == '{' {
			return c.object(p, func(m *member) bool { return c.value(&m.place, v.Field(m.field)) })
		}
		return c.is("null")
	case asSlice:
		if b == '[' {
			return c.slice(p, v)
		}
		return c.is("null")
	case asPointer:
		if b == 'n' {
			return c.is("null")
		}
		v.Set(reflect.New(v.Type().Elem()))
		return c.value(p.elements(), v.Elem())
	case asTexts:
		return c.texts(p, v.Addr().Interface().(*Texts))
	case asForeign:
		return c.foreign(p, v.Addr().Interface())
	default:
		if b == '{' || b == '[' {
			return c.structured(p, v)
		}
		return c.assign(p, v)
	}
}

// structured reads an object or array where a scalar is planned.
func (c *cursor) structured(p *place, v reflect.Value) bool {
	switch p.as {
	case asTime, asEpoch:
		return c.skip(p)
	case asSpelled:
		return c.foreign(p, v.Addr().Interface())
	default:
		return false
	}
}

// assign reads a scalar.
func (c *cursor) assign(p *place, v reflect.Value) bool {
	if c.pos == len(c.page) {
		return false
	}
	text, kind, ok := c.scalar()
	if !ok {
		return false
	}
	switch to := v.Addr().Interface().(type) {
	case *Text:
		*to = Text(p.intern(text))
	case *Int:
		return to.set(text, kind) == nil
	case *Bool:
		return to.set(text, kind) == nil
	case *Time:
		to.set(text, kind)
	case *Epoch:
		to.set(text, kind)
	case FromText:
		to.SetText(p.intern(text))
	}
	return true
}

// slice reads an array; as with the library, an empty one is not nil.
func (c *cursor) slice(p *place, v reflect.Value) bool {
	ok := c.array(func() bool {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		return c.value(p.element, v.Index(n))
	})
	if v.IsNil() {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	return ok
}

// texts reads what Texts takes.
func (c *cursor) texts(p *place, t *Texts) bool {
	one := func() bool {
		if c.pos == len(c.page) || c.page[c.pos] == '{' || c.page[c.pos] == '[' {
			return false
		}
		text, kind, ok := c.scalar()
		if ok && kind != 'n' {
			*t = append(*t, p.intern(text))
		}
		return ok
	}
	if c.space() == '[' {
		return c.array(one)
	}
	ok := one()
	if len(*t) == 1 && (*t)[0] == "" {
		*t = nil
	}
	return ok
}
