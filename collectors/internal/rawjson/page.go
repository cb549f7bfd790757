package rawjson

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var (
	errMissing  = errors.New("the answer has no such member")
	errTwice    = errors.New("the answer has this member twice")
	errTrailing = errors.New("more data after the end of the answer")
	errCutOff   = errors.New("the answer is cut off")
	errStop     = errors.New("stop") // ends a scan whose consumer has seen enough
)

// A PageError says why an answer as a whole can't be read. Its text holds no value of the answer.
type PageError struct {
	Path string // dotted; "" for the root
	Err  error
}

// Error names the path and the reason.
func (e *PageError) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return e.Path + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *PageError) Unwrap() error { return e.Err }

// Elements yields the members of the array at path (names of nested objects; none for the root) of a page, each as raw
// JSON that is valid until the next one. A missing path, null, or anything that is no array is an error: an answer of
// another shape is never an empty list; so is a path that occurs twice, a page that is cut off and data after its end.
// Duplicate names and bad UTF-8 inside one member are left for Decode to refuse.
func Elements(page []byte, path ...string) iter.Seq2[jsontext.Value, error] {
	return func(yield func(jsontext.Value, error) bool) {
		err := members(page, path, nil, func(raw jsontext.Value) bool { return yield(raw, nil) })
		if err != nil {
			yield(nil, err)
		}
	}
}

// Get reads the value at path (names of nested objects) of a page into v. It reports whether the value is there and not
// null. The error is a *PageError: of a page that is cut off, of a path that occurs twice, or of a value that v can't
// take.
func Get(page []byte, v any, path ...string) (bool, error) {
	b := Beside{Path: path, Into: v}
	if err := scan(page, []*target{b.target()}, lax()); err != nil {
		return false, err
	}
	return b.Found, b.Err
}

// A Beside is a value that a page has beside its records, such as a cursor.
type Beside struct {
	Path []string // names of nested objects
	Into any      // a pointer

	// Found and Err are set to what Get returns, unless the page as a whole can't be read.
	Found bool
	Err   error
}

func (b *Beside) target() *target {
	b.Found, b.Err = false, nil
	return &target{path: b.Path, read: func(d *jsontext.Decoder) error {
		raw, err := d.ReadValue()
		if err != nil || raw.Kind() == jsontext.KindNull {
			return err
		}
		if err := json.Unmarshal(raw, b.Into); err != nil {
			b.Err = &PageError{Path: joined(b.Path, field(err)), Err: reason(err)}
		}
		b.Found = b.Err == nil
		return nil
	}}
}

// members calls member with each member of the array at path, until it returns false, and sets beside, if any, in the
// same pass.
func members(page []byte, path []string, beside *Beside, member func(jsontext.Value) bool) error {
	list := array(path, func(d *jsontext.Decoder) error {
		raw, err := d.ReadValue()
		if err == nil && !member(raw) {
			err = errStop
		}
		return err
	})
	targets := []*target{list}
	if beside != nil {
		targets = append(targets, beside.target())
	}
	err := scan(page, targets, lax())
	switch {
	case errors.Is(err, errStop):
		return nil
	case err == nil && !list.found:
		return &PageError{Path: joined(path, ""), Err: errMissing}
	}
	return err
}

// A target is what is wanted of a page: read is called with the decoder in front of the value at path, and reads it.
type target struct {
	path  []string
	read  func(*jsontext.Decoder) error
	found bool
}

// array is the target of the array at path: read is called with the decoder in front of each member, and reads it.
func array(path []string, read func(*jsontext.Decoder) error) *target {
	return &target{path: path, read: func(d *jsontext.Decoder) error {
		if kind := d.PeekKind(); kind != jsontext.KindBeginArray {
			return wrong(d, kind, "an array")
		}
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		for d.PeekKind() != jsontext.KindEndArray {
			if err := read(d); err != nil {
				return err
			}
		}
		_, err := d.ReadToken()
		return err
	}}
}

// lax is how a page is read of which one member may be as odd as it likes, and cost no other one.
func lax() jsontext.Options {
	return json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// scan reads a page once, from its first byte to its last, and validates the grammar of everything that it passes. No
// target may lie inside another. Its error is a *PageError, or errStop.
func scan(page []byte, targets []*target, options ...jsontext.Options) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(page), options...)
	err := descend(d, 0, targets)
	if err == nil {
		if _, end := d.ReadToken(); !errors.Is(end, io.EOF) {
			err = errTrailing
		}
	}
	if _, ok := errors.AsType[*PageError](err); ok || err == nil || errors.Is(err, errStop) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errCutOff
	}
	at := field(err)
	if at == "" {
		at = joined(targets[0].path, "")
	}
	return &PageError{Path: at, Err: reason(err)}
}

// descend reads the value in front of the decoder, which is the one at the first depth names of the targets' paths.
func descend(d *jsontext.Decoder, depth int, targets []*target) error {
	path := targets[0].path
	if len(path) == depth {
		targets[0].found = true
		return located(targets[0].read(d), path)
	}
	switch kind := d.PeekKind(); kind {
	case jsontext.KindNull:
		return d.SkipValue()
	case jsontext.KindBeginObject:
	default:
		return located(wrong(d, kind, "an object"), path)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	var seen []string
	for d.PeekKind() != jsontext.KindEndObject {
		token, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		var below []*target
		for _, t := range targets {
			if t.path[depth] == name {
				below = append(below, t)
			}
		}
		switch {
		case len(below) == 0:
			err = d.SkipValue()
		case slices.Contains(seen, name):
			err = located(errTwice, below[0].path)
		default:
			seen = append(seen, name)
			err = descend(d, depth+1, below)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// located names the path in an error of ours; those of the library name one themselves.
func located(err error, path []string) error {
	if _, ours := errors.AsType[mismatch](err); ours || errors.Is(err, errTwice) {
		return &PageError{Path: joined(path, ""), Err: err}
	}
	return err
}

// wrong explains a value of another kind; an invalid one is left to the decoder to explain.
func wrong(d *jsontext.Decoder, kind jsontext.Kind, want string) error {
	if kind == jsontext.KindInvalid {
		if _, err := d.ReadToken(); err != nil {
			return err
		}
	}
	return Unexpected(kind, want)
}

// joined returns a path with dots, and what is below it.
func joined(path []string, below string) string {
	text := strings.Join(path, ".")
	if text != "" && below != "" {
		text += "."
	}
	return shortened(text + below)
}
