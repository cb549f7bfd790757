package wire

import (
	"encoding"
	"hash/maphash"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
)

// A place stands for the values at one path of a page: what they are read into, and what those seen so far looked like.
type place struct {
	as      kind
	members map[string]*member // by quoted name
	first   *member            // that the last object began with
	visit   uint32             // objects so far
	element *place             // of an array; nil before the first
	start   int                // of the value, when it is found
	end     int
	texts   *interned
}

// A member is a place below an object.
type member struct {
	quoted string
	seen   uint32  // the visit in which it was seen last
	next   *member // that followed when it was seen last
	wanted bool
	field  int // of the struct
	place  place
}

// A kind is what becomes of a value.
type kind int

const (
	skipped     kind = iota
	asText           // Text
	asInt            // Int
	asBool           // Bool
	asTexts          // Texts
	asTime           // Time
	asEpoch          // Epoch
	asSpelled        // FromText
	asStruct         // by its fields
	asSlice          // of what is at element
	asPointer        // to what is at element
	asForeign        // anything else: by the library
	asList           // the array that is read member by member
	asEnclosing      // an object that has what is asked for inside
	asFound          // where it is matters alone
)

// A FromText is a type whose UnmarshalJSONFrom takes any value but an object or an array as Text does and makes
// something of that text. SetText does that same thing: with it, values are read several times as fast.
type FromText interface{ SetText(text string) }

// elements returns the place of an array's members.
func (p *place) elements() *place {
	if p.element == nil {
		p.element = new(place)
	}
	return p.element
}

// add makes a member.
func (p *place) add(quoted string) *member {
	if p.members == nil {
		p.members = make(map[string]*member)
	}
	m := &member{quoted: quoted}
	p.members[quoted] = m
	return m
}

// maxTypes is how deep types are followed; one that holds itself has no end.
const maxTypes = 12

// plan makes p the place of values of type t.
func (p *place) plan(t reflect.Type, depth int) {
	p.as = direct(t)
	if p.as != asForeign || unmarshals(t) || depth == maxTypes {
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		if p.fields(t, depth) {
			p.as = asStruct
		} else {
			p.members = nil
		}
	case reflect.Slice:
		p.as = asSlice
		p.elements().plan(t.Elem(), depth+1)
	case reflect.Pointer:
		p.as = asPointer
		p.elements().plan(t.Elem(), depth+1)
	default: // stays with the library
	}
}

// direct returns the kind of the types that are read without the library, asForeign for all others.
func direct(t reflect.Type) kind {
	switch t {
	case reflect.TypeFor[Text]():
		return asText
	case reflect.TypeFor[Int]():
		return asInt
	case reflect.TypeFor[Bool]():
		return asBool
	case reflect.TypeFor[Texts]():
		return asTexts
	case reflect.TypeFor[Time]():
		return asTime
	case reflect.TypeFor[Epoch]():
		return asEpoch
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[FromText]()) {
		return asSpelled
	}
	return asForeign
}

// unmarshals reports whether t has a method of its own for JSON.
func unmarshals(t reflect.Type) bool {
	for _, method := range [...]reflect.Type{
		reflect.TypeFor[json.UnmarshalerFrom](), reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	} {
		if t.Implements(method) || reflect.PointerTo(t).Implements(method) {
			return true
		}
	}
	return false
}

// fields plans the members of a struct. It reports false for one with anything else than plain names.
func (p *place) fields(t reflect.Type, depth int) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("json")
		if tag == "-" {
			continue
		}
		if f.Anonymous || !f.IsExported() || tagged && !plainName(tag) {
			return false
		}
		if !tagged {
			tag = f.Name
		}
		if p.members[`"`+tag+`"`] != nil {
			return false
		}
		m := p.add(`"` + tag + `"`)
		m.wanted, m.field = true, i
		m.place.plan(f.Type, depth+1)
	}
	return true
}

// plainName reports whether a tag is a name without options, spelt as on the wire.
func plainName(tag string) bool {
	return tag != "" && !strings.ContainsFunc(tag, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`\"',`+"`", r)
	})
}

// slots is how many texts are remembered of one place, tries how many are looked up before it must have been of use.
const (
	slots = 32
	tries = 64
)

// An interned remembers the texts of one place: most are one of a few, and need not be copied each time.
type interned struct {
	seed   maphash.Seed
	texts  [slots]string
	tries  int
	hits   int
	futile bool
}

// intern returns text as a string of its own.
func (p *place) intern(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	n := p.texts
	if n == nil {
		n = &interned{seed: maphash.MakeSeed()}
		p.texts = n
	}
	if n.futile {
		return string(text)
	}
	known := &n.texts[maphash.Bytes(n.seed, text)%slots]
	n.tries++
	if *known == string(text) {
		n.hits++
		return *known
	}
	n.futile = n.tries > tries && n.hits < n.tries/4
	*known = string(text)
	return *known
}
