package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"assetgraph/graph"
)

// errProperties says that a row's properties are not a JSON object.
var errProperties = errors.New("the properties are no JSON object")

// chosen are names of properties by their length, which tells nearly all others apart; nil stands for all names.
type chosen [][]string

func chosenOf(names []string) chosen {
	if names == nil {
		return nil
	}
	c := chosen{nil}
	for _, name := range names {
		for len(c) <= len(name) {
			c = append(c, nil)
		}
		c[len(name)] = append(c[len(name)], name)
	}
	return c
}

func (c chosen) has(name []byte) bool {
	if c == nil {
		return true
	}
	return len(name) < len(c) && slices.ContainsFunc(c[len(name)], func(n string) bool { return n == string(name) })
}

// readProperties sets the element's declared properties, those of them that are chosen, from a JSON object, which others
// may have added to and written anew. Names that are not declared, and values of another kind than the declared one, are
// left out.
func (d *decoder) readProperties(e *graph.Element, text string, names chosen) error {
	return d.members(text, func(d *jsontext.Decoder, raw []byte) error {
		if !names.has(raw) {
			return d.SkipValue()
		}
		name := string(raw)
		p := e.Type.Property(name)
		if p == nil {
			return d.SkipValue()
		}
		v, err := readValue(d, p.Kind)
		e.Set(name, v)
		return err
	})
}

// appendOthers appends the members of a JSON object that which does not mean, their values as they stand there, to an
// object that was begun.
func appendOthers(b []byte, t *graph.Type, text string, which extent) ([]byte, error) {
	err := new(decoder).members(text, func(d *jsontext.Decoder, raw []byte) error {
		name := string(raw)
		value, err := d.ReadValue()
		if p := t.Property(name); err != nil || p != nil && (which == all || p.Volatile) {
			return err
		}
		b = append(append(appendText(separated(b), name), ':'), value...)
		return nil
	})
	return b, err
}

// members calls member for each member of the object that the text is, to read its value. The name is valid until then.
// What SQLite accepts is accepted: names that come twice, and text that is not UTF-8.
func (d *decoder) members(text string, member func(d *jsontext.Decoder, name []byte) error) error {
	d.text.Reset()
	d.text.WriteString(text)
	d.json.Reset(&d.text, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := readObject(&d.json, member); err != nil {
		return fmt.Errorf("%w: %w", errProperties, err)
	}
	return nil
}

// A decoder reads one text after the other in the same memory: a report reads hundreds of thousands. One goroutine uses
// it.
type decoder struct {
	json jsontext.Decoder
	text bytes.Buffer
}

func readObject(d *jsontext.Decoder, member func(d *jsontext.Decoder, name []byte) error) error {
	begin, err := d.ReadToken()
	if err != nil {
		return err
	}
	if begin.Kind() != jsontext.KindBeginObject {
		return fmt.Errorf("it begins with %s", begin)
	}
	for d.PeekKind() != jsontext.KindEndObject {
		quoted, err := d.ReadValue()
		if err != nil {
			return err
		}
		name := quoted[1 : len(quoted)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			if name, err = jsontext.AppendUnquote(nil, quoted); err != nil {
				return err
			}
		}
		if err := member(d, name); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.Join(errors.New("something follows it"), err)
	}
	return nil
}

// readValue reads the next value as one of that kind; absent when it is of another.
func readValue(d *jsontext.Decoder, kind graph.Kind) (graph.Value, error) {
	if k := d.PeekKind(); k == jsontext.KindBeginArray && kind == graph.Texts {
		return readTexts(d)
	} else if k == jsontext.KindBeginArray || k == jsontext.KindBeginObject {
		return graph.Value{}, d.SkipValue()
	}
	token, err := d.ReadToken()
	if err != nil {
		return graph.Value{}, err
	}
	return valueOf(token, kind), nil
}

func valueOf(token jsontext.Token, kind graph.Kind) graph.Value {
	switch is := token.Kind(); {
	case is == jsontext.KindString && kind == graph.Text:
		return graph.TextOf(token.String())
	case is == jsontext.KindString && kind == graph.Time:
		if t, err := time.Parse(graph.TimeLayout, token.String()); err == nil {
			return graph.TimeOf(t)
		}
	case is == jsontext.KindNumber && kind == graph.Int:
		if n, err := token.Int(); err == nil {
			return graph.IntOf(n)
		}
	case (is == jsontext.KindTrue || is == jsontext.KindFalse) && kind == graph.Bool:
		return graph.BoolOf(token.Bool())
	}
	return graph.Value{}
}

// readTexts reads an array and returns the strings in it.
func readTexts(d *jsontext.Decoder) (graph.Value, error) {
	if _, err := d.ReadToken(); err != nil {
		return graph.Value{}, err
	}
	var list []string
	for d.PeekKind() != jsontext.KindEndArray {
		v, err := readValue(d, graph.Text)
		if err != nil {
			return graph.Value{}, err
		}
		if !v.IsAbsent() {
			list = append(list, v.Text())
		}
	}
	_, err := d.ReadToken()
	return graph.TextsOf(list...), err
}
