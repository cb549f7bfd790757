package wire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxText is how many bytes of a path or an id are kept in an error.
const maxText = 200

// errSyntax stands for every fault of grammar: the library's own text quotes the data.
var errSyntax = errors.New("not valid JSON (RFC 8259, UTF-8)")

// field returns the dotted path at which decoding failed, "" for the value as a whole.
func field(err error) string {
	var at jsontext.Pointer
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		at = e.JSONPointer
	} else if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = e.JSONPointer
	}
	var names []string
	for name := range at.Tokens() {
		names = append(names, name)
	}
	return dotted(names)
}

func dotted(names []string) string {
	text := strings.ToValidUTF8(strings.Join(names, "."), "?")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// plain returns the reason of a decoding error without the value at fault, which may be a secret.
func plain(err error) error {
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return mismatch(e)
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(e, jsontext.ErrDuplicateName) {
			return jsontext.ErrDuplicateName
		}
		return fmt.Errorf("%w at byte %d", errSyntax, e.ByteOffset)
	}
	return err
}

// mismatch explains a value of an impossible type. Texts of others than this package may quote the value.
func mismatch(e *json.SemanticError) error {
	for _, reason := range []error{errNoText, errNoInteger, errNoBoolean, errRange} {
		if errors.Is(e.Err, reason) {
			return reason
		}
	}
	if e.GoType == nil {
		return errors.New("a value of the wrong type")
	}
	return fmt.Errorf("%s where a Go %s was expected", kindName(e.JSONKind), e.GoType.Kind())
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
