package wire

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var (
	errMissing  = errors.New("the answer has no such member")
	errTwice    = errors.New("the answer has this member twice")
	errTrailing = errors.New("more data after the end of the answer")
	errCutOff   = errors.New("the answer is cut off")
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
		s := newScanner(page, path)
		err := s.array(func(d *jsontext.Decoder) error {
			raw, err := d.ReadValue()
			if err == nil && !yield(raw, nil) {
				err = errStop
			}
			return err
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// errStop ends a scan whose consumer has seen enough.
var errStop = errors.New("stop")

// A scanner walks over one page. It validates the syntax of everything that it passes.
type scanner struct {
	decoder *jsontext.Decoder
	path    []string
}

func newScanner(page []byte, path []string) *scanner {
	return &scanner{
		decoder: jsontext.NewDecoder(bytes.NewBuffer(page), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		path:    path,
	}
}

// array calls member with the decoder in front of each member of the array at the path; member reads it.
func (s *scanner) array(member func(*jsontext.Decoder) error) error {
	found, err := s.find(func(d *jsontext.Decoder) error {
		if kind := d.PeekKind(); kind != jsontext.KindBeginArray {
			return s.unexpected(kind, "an array")
		}
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		for d.PeekKind() != jsontext.KindEndArray {
			if err := member(d); err != nil {
				return err
			}
		}
		_, err := d.ReadToken()
		return err
	})
	if err == nil && !found {
		err = errMissing
	}
	return s.wrap(err)
}

// find calls at with the decoder in front of the value at the path; at reads it. It reads the page to its end and
// reports whether the path is there.
func (s *scanner) find(at func(*jsontext.Decoder) error) (bool, error) {
	found, err := s.descend(0, at)
	if err != nil {
		return found, err
	}
	if _, err := s.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return found, errTrailing
	}
	return found, nil
}

// descend reads the value in front of the decoder, which is that of the first depth names of the path.
func (s *scanner) descend(depth int, at func(*jsontext.Decoder) error) (bool, error) {
	d := s.decoder
	if depth == len(s.path) {
		return true, at(d)
	}
	switch kind := d.PeekKind(); kind {
	case jsontext.KindNull:
		return false, d.SkipValue()
	case jsontext.KindBeginObject:
	default:
		return false, s.unexpected(kind, "an object")
	}
	if _, err := d.ReadToken(); err != nil {
		return false, err
	}
	seen, found := false, false
	for d.PeekKind() != jsontext.KindEndObject {
		name, err := d.ReadToken()
		if err != nil {
			return found, err
		}
		if name.String() != s.path[depth] {
			if err := d.SkipValue(); err != nil {
				return found, err
			}
			continue
		}
		if seen {
			return found, errTwice
		}
		seen = true
		if found, err = s.descend(depth+1, at); err != nil {
			return found, err
		}
	}
	_, err := d.ReadToken()
	return found, err
}

// unexpected explains a value of another kind; an invalid one is left to the decoder to explain.
func (s *scanner) unexpected(kind jsontext.Kind, want string) error {
	if kind == jsontext.KindInvalid {
		if _, err := s.decoder.ReadToken(); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s where %s was expected", kindName(kind), want)
}

// wrap makes a *PageError of err.
func (s *scanner) wrap(err error) error {
	if err == nil || errors.Is(err, errStop) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &PageError{Path: dotted(s.path), Err: errCutOff}
	}
	return &PageError{Path: cmp.Or(field(err), dotted(s.path)), Err: plain(err)}
}

// Get reads the value at path (names of nested objects) of a page into v. It reports whether the value is there and not
// null. The error is a *PageError: of a page that is cut off, of a path that occurs twice, or of a value that v can't take.
func Get(page []byte, v any, path ...string) (bool, error) {
	root, beside := new(place), Beside{Into: v}
	at := root.route(path, asFound)
	if c := (&cursor{page: page}); c.whole(root) && beside.set(page, at) {
		return beside.Found, nil
	}
	return get(page, v, path)
}

// get is Get for any page.
func get(page []byte, v any, path []string) (bool, error) {
	s := newScanner(page, path)
	set := false
	_, err := s.find(func(d *jsontext.Decoder) error {
		if d.PeekKind() == jsontext.KindNull {
			return d.SkipValue()
		}
		set = true
		return json.UnmarshalDecode(d, v)
	})
	return set && err == nil, s.wrap(err)
}
