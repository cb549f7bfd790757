package rawjson

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxText is how many bytes of a path or an id are kept in an error.
const maxText = 200

// errSyntax stands for every fault of grammar: the library's own text quotes the data.
var errSyntax = errors.New("not valid JSON (RFC 8259, UTF-8)")

// A mismatch says what came in place of what. It never holds the value, which may be a secret.
type mismatch struct{ got, want string }

// Error says it in words.
func (m mismatch) Error() string { return m.got + " where " + m.want + " was expected" }

// Unexpected returns the error of an UnmarshalJSONFrom that finds a value of that kind in front of it and wants
// another, such as "an object".
func Unexpected(got jsontext.Kind, want string) error { return mismatch{kindName(got), want} }

// field returns the dotted path at which decoding failed, "" for the value as a whole.
func field(err error) string {
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return dotted(e.JSONPointer)
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return dotted(e.JSONPointer)
	}
	return ""
}

// dotted returns a path with dots, cut to what fits an error.
func dotted(at jsontext.Pointer) string {
	var path strings.Builder
	for name := range at.Tokens() {
		if path.Len() > 0 {
			path.WriteByte('.')
		}
		path.WriteString(name)
		if path.Len() > maxText {
			break
		}
	}
	return shortened(path.String())
}

// shortened returns text with at most maxText bytes of it.
func shortened(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// reason returns why decoding failed without the value at fault, which may be a secret.
func reason(err error) error {
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		if m, ok := errors.AsType[mismatch](e.Err); ok {
			return m
		}
		return Unexpected(e.JSONKind, expected(e.GoType))
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(e, jsontext.ErrDuplicateName) {
			return jsontext.ErrDuplicateName
		}
		return fmt.Errorf("%w at byte %d", errSyntax, e.ByteOffset)
	}
	return err
}

// expected names what is read into a Go type.
func expected(t reflect.Type) string {
	if t == nil {
		return "another value"
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.String:
		return aText
	case reflect.Bool:
		return aBoolean
	default:
		return anInteger
	}
}

func kindName(k jsontext.Kind) string {
	switch k {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindTrue, jsontext.KindFalse:
		return "a boolean"
	case jsontext.KindString:
		return "a text"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "an array"
	default:
		return "a value"
	}
}
