package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep a page may be nested, and maxNames how many different names it may have, for a cursor to read it.
const (
	maxDepth = 64
	maxNames = 10_000
)

// A cursor reads a page that has no fault, once, from its first byte to its last. Its methods report false for
// everything else, and for what is rare: what is wrong there, if anything, is for the library to say. So it accepts less
// than the library, and what it does accept the library reads in the same way: RFC 8259, no name twice in an object.
// The page must be valid UTF-8.
type cursor struct {
	page    []byte
	pos     int
	depth   int
	names   int          // different names that were seen
	member  func() bool  // reads one member of the list that is asked for
	scratch []byte       // the last text that had escapes
	source  bytes.Buffer // of library
	library jsontext.Decoder
}

// space skips white space and returns the byte behind it, 0 at the end.
func (c *cursor) space() byte {
	for c.pos < len(c.page) {
		b := c.page[c.pos]
		if b > ' ' {
			return b
		}
		if b != ' ' && b != '\n' && b != '\r' && b != '\t' {
			return 0
		}
		c.pos++
	}
	return 0
}

// is reads a literal such as null.
func (c *cursor) is(literal string) bool {
	end := c.pos + len(literal)
	if end > len(c.page) || string(c.page[c.pos:end]) != literal {
		return false
	}
	c.pos = end
	return true
}

// skip reads a value of any kind. What it sees at p helps to read the next value there.
func (c *cursor) skip(p *place) bool {
	switch c.space() {
	case '"':
		_, ok := c.text()
		return ok
	case '{':
		return c.object(p, nil)
	case '[':
		element := p.elements()
		return c.array(func() bool { return c.skip(element) })
	case 't':
		return c.is("true")
	case 'f':
		return c.is("false")
	case 'n':
		return c.is("null")
	default:
		return c.number()
	}
}

// array reads an array by calling element in front of each member.
func (c *cursor) array(element func() bool) bool {
	if c.depth == maxDepth {
		return false
	}
	c.depth++
	c.pos++
	if c.space() == ']' {
		return c.leave()
	}
	for {
		if !element() {
			return false
		}
		switch c.space() {
		case ',':
			c.pos++
			c.space()
		case ']':
			return c.leave()
		default:
			return false
		}
	}
}

// leave reads the bracket at the end of an array or object.
func (c *cursor) leave() bool {
	c.pos++
	c.depth--
	return true
}

// object reads an object; take reads the values of members that are wanted, nil stands for none of them.
func (c *cursor) object(p *place, take func(*member) bool) bool {
	if c.depth == maxDepth {
		return false
	}
	c.depth++
	c.pos++
	p.visit++
	if c.space() == '}' {
		return c.leave()
	}
	for at := &p.first; ; {
		m := c.name(p, at)
		if m == nil {
			return false
		}
		at = &m.next
		if take != nil && m.wanted {
			if !take(m) {
				return false
			}
		} else if !c.skip(&m.place) {
			return false
		}
		switch c.space() {
		case ',':
			c.pos++
			c.space()
		case '}':
			return c.leave()
		default:
			return false
		}
	}
}

// name reads a name and the colon. It returns nil for a name that came before in this object. Most objects at one place
// of a page have the same names in the same order, so at, the one that came here the last time, and its successor are
// tried before all others are.
func (c *cursor) name(p *place, at **member) *member {
	m := *at
	if m != nil && !c.is(m.quoted) {
		if m = m.next; m != nil && !c.is(m.quoted) {
			m = nil
		}
	}
	if m == nil {
		if m = c.lookup(p); m == nil {
			return nil
		}
		*at = m
	}
	if m.seen == p.visit || c.space() != ':' {
		return nil
	}
	m.seen = p.visit
	c.pos++
	return m
}

// lookup reads a name and finds its member, a new one if need be. Names with escapes are not read.
func (c *cursor) lookup(p *place) *member {
	start := c.pos
	if start == len(c.page) || c.page[start] != '"' {
		return nil
	}
	end := special(c.page, start+1)
	if end == len(c.page) || c.page[end] != '"' {
		return nil
	}
	c.pos = end + 1
	quoted := c.page[start:c.pos]
	if m := p.members[string(quoted)]; m != nil {
		return m
	}
	if c.names++; c.names > maxNames {
		return nil
	}
	return p.add(string(quoted))
}

// text reads a string and returns it without quotes and escapes, valid until the next one.
func (c *cursor) text() ([]byte, bool) {
	start := c.pos + 1
	end := special(c.page, start)
	if end < len(c.page) && c.page[end] == '"' {
		c.pos = end + 1
		return c.page[start:end], true
	}
	return c.escaped(start, end)
}

// escaped is text for a string whose first escape is at i.
func (c *cursor) escaped(start, i int) ([]byte, bool) {
	for i < len(c.page) && c.page[i] == '\\' {
		i = special(c.page, min(i+2, len(c.page)))
	}
	if i == len(c.page) || c.page[i] != '"' {
		return nil, false
	}
	var err error
	c.scratch, err = jsontext.AppendUnquote(c.scratch[:0], c.page[start-1:i+1])
	c.pos = i + 1
	return c.scratch, err == nil
}

// special returns the index of the first byte from i on that a string can't hold as it is, len(page) for none. It looks
// at eight bytes at a time: of each mask the lowest bit that is set is right, the ones above it need not be.
func special(page []byte, i int) int {
	const (
		ones   = 0x0101010101010101
		tops   = 0x80 * ones
		quote  = '"' * ones
		escape = '\\' * ones
		blank  = ' ' * ones
	)
	for ; i+8 <= len(page); i += 8 {
		x := binary.LittleEndian.Uint64(page[i:])
		q, e := x^quote, x^escape
		if found := ((q-ones)&^q | (e-ones)&^e | (x-blank)&^x) & tops; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(page); i++ {
		if b := page[i]; b == '"' || b == '\\' || b < ' ' {
			break
		}
	}
	return i
}

// number reads a number.
func (c *cursor) number() bool {
	if c.pos < len(c.page) && c.page[c.pos] == '-' {
		c.pos++
	}
	if c.pos < len(c.page) && c.page[c.pos] == '0' {
		c.pos++
	} else if !c.digits() {
		return false
	}
	if c.pos < len(c.page) && c.page[c.pos] == '.' {
		c.pos++
		if !c.digits() {
			return false
		}
	}
	if c.pos == len(c.page) || c.page[c.pos]|0x20 != 'e' {
		return true
	}
	c.pos++
	if c.pos < len(c.page) && (c.page[c.pos] == '+' || c.page[c.pos] == '-') {
		c.pos++
	}
	return c.digits()
}

// digits reads one digit or more.
func (c *cursor) digits() bool {
	start := c.pos
	for c.pos < len(c.page) && c.page[c.pos]-'0' <= 9 {
		c.pos++
	}
	return c.pos > start
}

// scalar reads a value that is neither an object nor an array: its text, which is valid until the next one, and kind.
func (c *cursor) scalar() ([]byte, jsontext.Kind, bool) {
	start := c.pos
	switch c.page[c.pos] {
	case '"':
		text, ok := c.text()
		return text, jsontext.KindString, ok
	case 'n':
		return nil, jsontext.KindNull, c.is("null")
	case 't':
		ok := c.is("true")
		return c.page[start:c.pos], jsontext.KindTrue, ok
	case 'f':
		ok := c.is("false")
		return c.page[start:c.pos], jsontext.KindFalse, ok
	default:
		ok := c.number()
		return c.page[start:c.pos], jsontext.KindNumber, ok
	}
}

// foreign has the library read a value into v, a pointer.
func (c *cursor) foreign(p *place, v any) bool {
	start := c.pos
	if !c.skip(p) {
		return false
	}
	c.source = *bytes.NewBuffer(c.page[start:c.pos])
	c.library.Reset(&c.source)
	return json.UnmarshalDecode(&c.library, v) == nil
}
