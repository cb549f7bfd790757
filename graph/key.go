package graph

import (
	"fmt"
	"strings"
)

// A Key identifies an element in the whole graph. It is plain ASCII, so that every store orders keys alike,
// byte by byte:
//
//	entity        <instance>:<_type>:<provider id>      acme-main:acme_agent:1845174760470303882
//	relationship  <from key>|<verb>|<to key>
//
// Names of instances and types hold no ':' and no '|'. The entities of one scope are therefore one contiguous range of
// keys, the one that begins with Scope.Prefix.
type Key string

// MaxKeyID is the longest provider id, in bytes after escaping, that a key may carry. Stores index keys, and
// Neo4j refuses index entries of a few kilobytes.
const MaxKeyID = 512

const hexUpper = "0123456789ABCDEF"

// EntityKey builds the key of an entity. Bytes of id that are not ASCII letters, digits or one of "-._~@+="
// are percent-encoded, so ids that differ give keys that differ.
func EntityKey(instance, typ, id string) Key {
	return Key(appendEntityKey(make([]byte, 0, 128), instance, typ, id))
}

func appendEntityKey(b []byte, instance, typ, id string) []byte {
	b = append(append(b, instance...), ':')
	b = append(append(b, typ...), ':')
	for i := range len(id) {
		if c := id[i]; unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hexUpper[c>>4], hexUpper[c&15])
		}
	}
	return b
}

func unreserved(c byte) bool {
	switch {
	case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		return true
	}
	return strings.IndexByte("-._~@+=", c) >= 0
}

// RelationshipKey builds the key of a relationship from the keys of its ends.
func RelationshipKey(from Key, verb string, to Key) Key {
	return from + "|" + Key(verb) + "|" + to
}

// Ends returns the keys of the ends of a relationship's key, and two empty keys for that of an entity.
func (k Key) Ends() (from, to Key) {
	a, rest, found := strings.Cut(string(k), "|")
	if !found {
		return "", ""
	}
	_, b, _ := strings.Cut(rest, "|")
	return Key(a), Key(b)
}

// Scope returns the scope of an entity's key, and the zero Scope for what is none.
func (k Key) Scope() Scope {
	instance, rest, _ := strings.Cut(string(k), ":")
	typ, _, found := strings.Cut(rest, ":")
	if !found {
		return Scope{}
	}
	return Scope{Instance: instance, Type: typ}
}

// A Scope is the unit of completeness and of deletion: everything of one type that one instance owns.
type Scope struct {
	Instance string
	Type     string
}

// Prefix returns what the key of every entity of the scope begins with, and of no other entity.
func (s Scope) Prefix() string { return s.Instance + ":" + s.Type + ":" }

// String returns "instance/type", as messages name a scope.
func (s Scope) String() string { return s.Instance + "/" + s.Type }

// CheckInstance says why an instance can't have the name, nil when it can. Names stand in keys, in evidence and in the
// names of files, where case may not count.
func CheckInstance(name string) error {
	const most, letters = 63, "abcdefghijklmnopqrstuvwxyz0123456789"
	if name != "" && len(name) <= most && strings.Trim(name, letters+".-_") == "" &&
		strings.ContainsRune(letters, rune(name[0])) {
		return nil
	}
	return fmt.Errorf("%q: a name has up to 63 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter or digit",
		name)
}
